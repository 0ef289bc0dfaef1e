import { WorkerPasswordComparer } from '../../../../../src/adapters/web/auth/password-comparer.ts';
import { delay } from '../../../../support/fakes.ts';

// Made by libxcrypt.
const SECRET_COST_4 = '$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW';
const SECRET_COST_11 = '$2y$11$abcdefghijklmnopqrstuuViuGI07N4McP9Kl.tD6XMEzyuvcY8LG';
const ACCENTED = '$2a$04$abcdefghijklmnopqrstuuxgaAVrATsv2cxAkEB3ENsaS.NPyRuGO';

describe('WorkerPasswordComparer', () => {
  let comparer: WorkerPasswordComparer;

  beforeEach(() => {
    comparer = new WorkerPasswordComparer();
  });
  afterEach(() => comparer.close());

  it.each([
    ['secret', SECRET_COST_4, true],
    ['sécret', ACCENTED, true],
    ['Secret', SECRET_COST_4, false],
    ['', SECRET_COST_4, false],
    ['secret', ACCENTED, false],
  ])('%j for %s: %s', async (password, hash, expected) => {
    expect(await comparer.compare(password, hash)).toBe(expected);
  });

  it('leaves the event loop free', async () => {
    await comparer.compare('', SECRET_COST_4);
    const before = performance.eventLoopUtilization();
    expect(await comparer.compare('secret', SECRET_COST_11)).toBe(true);
    expect(performance.eventLoopUtilization(before).utilization).toBeLessThan(0.3);
  });

  it('works on after the thread has ended for want of work', async () => {
    const idle = new WorkerPasswordComparer(1);
    expect(await idle.compare('secret', SECRET_COST_4)).toBe(true);
    await delay(50);
    expect(await idle.compare('secret', SECRET_COST_4)).toBe(true);
    await idle.close();
  });

  it('rejects when it is closed meanwhile, and when the comparison is impossible', async () => {
    const outcome = expect(comparer.compare('secret', SECRET_COST_11)).rejects.toThrow(
      'the bcrypt thread ended',
    );
    await delay(20);
    await comparer.close();
    await outcome;
    await expect(comparer.compare('secret', 'no hash'.padEnd(60))).rejects.toThrow('Invalid salt version');
    expect(await comparer.compare('secret', SECRET_COST_4)).toBe(true);
  });
});
