import type { Socket } from 'node:net';

import { RefusalLog } from '../../../../src/adapters/web/refusal-log.ts';
import { RecordingLogger } from '../../../support/fakes.ts';

const socket = (remoteAddress: string, localAddress = '10.0.0.1'): Socket =>
  ({ remoteAddress, localAddress }) as Partial<Socket> as Socket;

describe('RefusalLog', () => {
  let nowMs: number;
  let logger: RecordingLogger;
  let refusals: RefusalLog;

  beforeEach(() => {
    nowMs = 0;
    logger = new RecordingLogger();
    refusals = new RefusalLog(logger, () => nowMs);
  });

  it('writes one line per kind and minute, and counts the rest', () => {
    for (let i = 0; i < 5; i++) refusals.report('tls', socket('10.0.0.2'), 'no client certificate');
    refusals.report('credentials', socket('10.0.0.2'), 'wrong');
    nowMs = 60_000;
    refusals.report('tls', socket('10.0.0.3'), 'bad');
    expect(logger.lines.map(({ level, fields }) => [level, fields])).toEqual([
      [
        'warn',
        { kind: 'tls', peer: '10.0.0.2', reason: 'no client certificate', refused_since_last_line: 0 },
      ],
      ['warn', { kind: 'credentials', peer: '10.0.0.2', reason: 'wrong', refused_since_last_line: 0 }],
      ['warn', { kind: 'tls', peer: '10.0.0.3', reason: 'bad', refused_since_last_line: 4 }],
    ]);
  });

  it('keeps the health check of the container out of the log', () => {
    refusals.report('tls', socket('127.0.0.1', '127.0.0.1'), 'no client certificate');
    refusals.report('tls', socket('10.0.0.2'), 'no client certificate');
    expect(logger.lines.map(({ level }) => level)).toEqual(['debug', 'warn']);
  });
});
