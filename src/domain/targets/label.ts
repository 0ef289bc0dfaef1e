/** One label of a sample. The value is unescaped text: it is escaped when it is written. */
export interface Label {
  readonly name: string;
  readonly value: string;
}
