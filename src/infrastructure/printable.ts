/**
 * Makes one line for a terminal: control characters and those that change the direction of text are escaped (`\u{1b}`). So text
 * from a label or a target can neither start a new line nor control the terminal.
 */
export function printable(text: string): string {
  // eslint-disable-next-line no-control-regex
  const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;
  return text.replace(unprintable, (c) => `\\u{${c.charCodeAt(0).toString(16)}}`);
}
