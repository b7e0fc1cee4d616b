#!/bin/sh
# Runs the packed GPU bench on a Linux x86-64 machine without a network:
#   sh run.sh [--json FILE] [--only TEXT] [--all]
# --only takes rows whose name contains TEXT; --all takes the large ones on an emulated adapter, too.
# Where python3 has PyTorch with CUDA, `python3 torchStep.py` takes the same steps.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
unpacked="$here/unpacked"

if [ ! -x "$unpacked/node" ]; then
	mkdir -p "$unpacked"
	gzip -dc "$here/node.gz" > "$unpacked/node.part"
	gzip -dc "$here/dawn.node.gz" > "$unpacked/dawn.node"
	chmod +x "$unpacked/node.part"
	mv "$unpacked/node.part" "$unpacked/node"
fi

# The machine's own Vulkan loader, else the packed one.
if ! { ldconfig -p 2>/dev/null || /sbin/ldconfig -p 2>/dev/null; } | grep -q 'libvulkan\.so\.1'; then
	if [ ! -f "$here/libvulkan.so.1" ]; then
		echo 'No Vulkan loader here and none packed: install libvulkan1.' >&2
		exit 1
	fi
	export LD_LIBRARY_PATH="$here${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
fi

# A graphics card's driver before one that runs on the CPU. VK_DRIVER_FILES or VK_ICD_FILENAMES overrules the search.
if [ -z "${VK_DRIVER_FILES:-}${VK_ICD_FILENAMES:-}" ]; then
	for driver in \
		/usr/share/vulkan/icd.d/nvidia*.json /etc/vulkan/icd.d/nvidia*.json \
		/usr/local/nvidia/share/vulkan/icd.d/nvidia*.json \
		/usr/share/vulkan/icd.d/radeon*.json /usr/share/vulkan/icd.d/intel*.json \
		/usr/share/vulkan/icd.d/lvp*.json /usr/lib/chromium/vk_swiftshader_icd.json; do
		if [ -f "$driver" ]; then
			# The old name is understood by old loaders and new ones.
			export VK_ICD_FILENAMES="$driver"
			break
		fi
	done
fi
if [ -z "${VK_DRIVER_FILES:-}${VK_ICD_FILENAMES:-}" ]; then
	echo 'No Vulkan driver found: set VK_DRIVER_FILES to its JSON file.' >&2
	exit 1
fi
echo "Vulkan driver: ${VK_DRIVER_FILES:-$VK_ICD_FILENAMES}" >&2

exec "$unpacked/node" --max-old-space-size=32768 "$here/main.mjs" --dawn "$unpacked/dawn.node" "$@"
