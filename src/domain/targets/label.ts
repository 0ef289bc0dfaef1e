/** One label of a sample. The value is unescaped UTF-8 text; whoever writes it out escapes it. */
export interface Label {
  readonly name: string;
  readonly value: string;
}
