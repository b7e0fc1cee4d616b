#!/bin/sh
# Runs the packed GPU bench on a Linux x86-64 machine without a network:
#   sh run.sh [kernels] [steps] [--json FILE] [--only TEXT] [--all]
# Both parts where none is named. --only takes rows whose name contains TEXT; --all takes the large ones on an
# emulated adapter, too. Where python3 has PyTorch with CUDA, `python3 torchStep.py` takes the same steps.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
unpacked="$here/unpacked"

if [ "$(uname -sm)" != 'Linux x86_64' ]; then
	echo "This pack runs on Linux x86_64; this is $(uname -sm)." >&2
	exit 1
fi

mkdir -p "$unpacked"
for name in node dawn.node; do
	# A newer pack copied over an old one is unpacked anew.
	if [ -f "$here/$name.gz" ] && ! [ "$unpacked/$name" -nt "$here/$name.gz" ]; then
		gzip -dc "$here/$name.gz" > "$unpacked/$name.part"
		chmod +x "$unpacked/$name.part"
		mv "$unpacked/$name.part" "$unpacked/$name"
	fi
done

libraries=$( (ldconfig -p || /sbin/ldconfig -p) 2>/dev/null || true)

# The machine's own Vulkan loader, else the packed one.
case "$libraries" in
*libvulkan.so.1*) ;;
*)
	if [ ! -f "$here/libvulkan.so.1" ]; then
		echo 'No Vulkan loader here and none packed: install libvulkan1.' >&2
		exit 1
	fi
	export LD_LIBRARY_PATH="$here${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
	;;
esac

# Prints the JSON file of NVIDIA's driver, else those of all others: one package brings drivers of cards that are not
# there, and the loader passes over those. Graphics cards' stand before the one that runs on the CPU.
find_driver() {
	for folder in /etc/vulkan/icd.d /usr/share/vulkan/icd.d /usr/local/share/vulkan/icd.d \
		/usr/local/nvidia/share/vulkan/icd.d; do
		for file in "$folder"/nvidia*.json; do
			if [ -f "$file" ]; then echo "$file"; return; fi
		done
	done
	# A container often has NVIDIA's driver without the file that names it.
	for library in libGLX_nvidia.so.0 libEGL_nvidia.so.0; do
		case "$libraries" in
		*"$library"*)
			printf '{"file_format_version": "1.0.0", "ICD": {"library_path": "%s", "api_version": "1.3.0"}}\n' \
				"$library" > "$unpacked/nvidia_icd.json"
			echo "$unpacked/nvidia_icd.json"
			return
			;;
		esac
	done
	files=
	for pattern in radeon amd intel nouveau lvp; do
		for file in /etc/vulkan/icd.d/"$pattern"*.json /usr/share/vulkan/icd.d/"$pattern"*.json; do
			if [ -f "$file" ]; then files="$files${files:+:}$file"; fi
		done
	done
	if [ -n "$files" ]; then echo "$files"; return; fi
	file=/usr/lib/chromium/vk_swiftshader_icd.json
	if [ -f "$file" ]; then echo "$file"; fi
}

# VK_DRIVER_FILES or VK_ICD_FILENAMES overrules the search.
if [ -z "${VK_DRIVER_FILES:-}${VK_ICD_FILENAMES:-}" ]; then
	# The old name is understood by old loaders and new ones.
	VK_ICD_FILENAMES=$(find_driver)
	if [ -z "$VK_ICD_FILENAMES" ]; then
		echo 'No Vulkan driver found: set VK_DRIVER_FILES to its JSON file.' >&2
		exit 1
	fi
	export VK_ICD_FILENAMES
fi
echo "Vulkan driver: ${VK_DRIVER_FILES:-$VK_ICD_FILENAMES}" >&2

exec "$unpacked/node" --max-old-space-size=32768 "$here/main.mjs" --dawn "$unpacked/dawn.node" "$@"
