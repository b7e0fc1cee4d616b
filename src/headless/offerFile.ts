/** Hands a file to the command that drives the page, as a download. */
export function offerFile(file: File): void {
	const link = document.createElement('a');
	link.href = URL.createObjectURL(file);
	link.download = file.name;
	link.click();
}
