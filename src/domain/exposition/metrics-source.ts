/** Metrics that are no target's, such as those of the program that the exporter is part of: merged as one more source. */
export interface MetricsSource {
  /** The value of `container_name` on its samples. */
  readonly containerName: string;
  /** Resolves with the exposition as it is now. A rejection leaves the source out of the scrape. */
  read(signal: AbortSignal): Promise<SourceExposition>;
}

export interface SourceExposition {
  readonly bytes: Uint8Array;
  /** Decides how the bytes are read. Missing: text 0.0.4. */
  readonly contentType: string | undefined;
}
