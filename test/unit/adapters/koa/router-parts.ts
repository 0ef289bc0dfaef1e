import type { RouterParts } from '../../../../src/adapters/koa/create-router.ts';
import type { MergedExposition } from '../../../../src/domain/exposition/metrics-relabeler.ts';
import { RecordingLogger } from '../../../support/fakes.ts';
import { SAMPLE_EPOCH_MS } from '../../../support/sample-targets.ts';

/** A merged exposition of these chunks that counts its releases. */
export class FakeMerged implements MergedExposition {
  readonly contentType: string;
  readonly chunks: readonly Uint8Array[];
  readonly byteLength: number;
  readonly duplicateSamples = 0;
  readonly unrepresentable = 0;
  released = 0;

  constructor(
    chunks: readonly (string | Uint8Array)[],
    contentType = 'text/plain; version=0.0.4; charset=utf-8',
  ) {
    this.chunks = chunks.map((chunk) => (typeof chunk === 'string' ? Buffer.from(chunk) : chunk));
    this.byteLength = this.chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
    this.contentType = contentType;
  }

  release(): void {
    this.released++;
  }
}

/** Parts with harmless answers; a test replaces the parts that it is about. */
export function routerParts(parts: Partial<RouterParts> = {}): RouterParts {
  return {
    collectMetrics: {
      collect: () => Promise.resolve(new FakeMerged(['a 1\n'])),
      collectTarget: () => Promise.resolve({ kind: 'unknown' }),
    },
    listTargets: {
      list: () => Promise.resolve({ endpoints: [], invalid: [], problem: undefined }),
      findId: () => Promise.resolve(undefined),
    },
    readiness: () => Promise.resolve(undefined),
    logger: new RecordingLogger(),
    clock: { nowMs: () => 0, epochMs: () => SAMPLE_EPOCH_MS },
    version: '1.2.3',
    markerLabel: 'container-exposes-metrics',
    ...parts,
  };
}
