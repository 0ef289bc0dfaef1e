/**
 * One line for a terminal: control characters, and those that turn the direction of text around, become `\u{1b}` and the
 * like. What a label or a target says can then neither begin a line of its own nor command the terminal.
 */
export function printable(text: string): string {
  // eslint-disable-next-line no-control-regex
  const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;
  return text.replace(unprintable, (c) => `\\u{${c.charCodeAt(0).toString(16)}}`);
}
