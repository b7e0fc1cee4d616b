/** Hands a file to the browser's downloads. */
export function download(file: File): void {
	const link = document.createElement('a');
	link.href = URL.createObjectURL(file);
	link.download = file.name;
	link.click();
	// The download reads the file after the click; a minute is ample for the browser to take hold of it.
	setTimeout(() => {
		URL.revokeObjectURL(link.href);
	}, 60_000);
}
