import type { Body, BodyRefusal, BodySink, BodyStore } from '../../../src/domain/fetching/body.ts';

/** Bodies in memory of their own; counts those that were opened and not given back. */
export class MemoryBodyStore implements BodyStore {
  open(maxBytes: number): BodySink {
    const chunks: Buffer[] = [];
    let byteLength = 0;
    this.held++;
    return {
      expect: (bytes): BodyRefusal | undefined => (bytes > maxBytes ? 'too_large' : undefined),
      write: (chunk): BodyRefusal | undefined => {
        byteLength += chunk.byteLength;
        if (byteLength > maxBytes) return 'too_large';
        chunks.push(Buffer.from(chunk));
        return undefined;
      },
      end: (): Body => {
        const bytes = Buffer.concat(chunks);
        return { byteLength, bytes: () => bytes, retain: () => this.held++, release: () => this.held-- };
      },
      discard: () => this.held--,
    };
  }

  /** Bodies and sinks that are not given back. */
  held = 0;
}
