/** The format of an answer, as negotiated with the scraper. */
export interface OutputFormat {
  readonly syntax: 'text' | 'openmetrics';
  /** May names outside the classic character set go out quoted, or are they escaped by underscores? */
  readonly names: 'underscores' | 'allow-utf-8';
  /** The exact Content-Type of the answer. */
  readonly contentType: string;
}
