import { LineEngine } from '../../../../../src/adapters/exposition/engine/line-engine.ts';
import { lines } from '../../../../support/exposition/engine-and-reference.ts';

describe('LineEngine', () => {
  it('remembers later names, too, after more than it has room for', () => {
    const lineEngine = new LineEngine(1);
    const rules = {
      readsOpenMetrics: false,
      writesOpenMetrics: false,
      writesUnderscores: true,
      honorsLabels: false,
    };
    const asksFor = (body: string): number => {
      const bytes = Buffer.from(body);
      let asked = 0;
      lineEngine.startMerge();
      lineEngine.startSource(0, '', rules);
      for (let start = 0; start < bytes.length;) {
        const end = lineEngine.loadInput(bytes, start, 2 ** 16, 0);
        for (let at = lineEngine.scan(0); lineEngine.stopReason !== 'end'; at = lineEngine.scan(at)) {
          if (lineEngine.stopReason === 'full') lineEngine.clearPending();
          else lineEngine.addName(++asked, 0);
        }
        start = end;
      }
      return asked;
    };
    const few = lines(10, (i) => `late_${i} 1`);
    expect(asksFor(lines(40_000, (i) => `early_${i} 1`))).toBe(40_000);
    expect(asksFor(few)).toBe(10);
    expect(asksFor(few)).toBe(0);
  });
});
