import { TargetBoard } from '../../../src/application/target-board.ts';
import { failure, type FailureReason } from '../../../src/domain/fetching/failure.ts';
import type { EndpointReport } from '../../../src/domain/reporting/scrape-report.ts';
import { RecordingLogger } from '../../support/fakes.ts';
import { identified } from '../../support/targets.ts';

const report = (reason?: FailureReason): EndpointReport => ({
  identified: identified(),
  failure: reason === undefined ? undefined : failure(reason, `because ${reason}`),
  durationSeconds: 0.1,
  bodyBytes: 0,
  samples: 0,
  via: undefined,
});

describe('TargetBoard', () => {
  it('logs a failure when it starts, changes and ends, not on every scrape', () => {
    const logger = new RecordingLogger();
    const board = new TargetBoard(logger);
    for (const reason of [
      undefined,
      'timeout',
      'timeout',
      'http_status',
      'http_status',
      undefined,
      undefined,
    ] as const) {
      board.record([report(reason)], 0);
    }
    expect(logger.lines.map(({ level, message }) => `${level} ${message}`)).toEqual([
      'warn a target is down',
      'warn a target is down for another reason',
      'info a target is up again',
    ]);
    expect(logger.lines[0]!.fields).toEqual({
      containerName: 'app',
      containerId: 'a'.repeat(12),
      endpoint: '9100/metrics',
      reason: 'timeout',
      detail: 'because timeout',
    });
  });

  it('remembers what timed out when it was last started, and nothing else', () => {
    const board = new TargetBoard(new RecordingLogger());
    const timedOutAfter = (reason?: FailureReason): boolean => {
      board.record([report(reason)], 0);
      return board.timedOutLastTime(identified());
    };
    expect(board.timedOutLastTime(identified())).toBe(false);
    expect(timedOutAfter('queued')).toBe(false);
    expect(timedOutAfter('timeout')).toBe(true);
    // It was not started, so nothing new is known about it.
    expect(timedOutAfter('queued')).toBe(true);
    expect(timedOutAfter('http_status')).toBe(false);
    expect([timedOutAfter('timeout'), timedOutAfter()]).toEqual([true, false]);
  });

  it('forgets what is no longer listed', () => {
    const board = new TargetBoard(new RecordingLogger());
    board.record([report('timeout')], 0);
    board.keepOnly([]);
    expect(board.status(identified())).toBeUndefined();
    expect(board.timedOutLastTime(identified())).toBe(false);
  });
});
