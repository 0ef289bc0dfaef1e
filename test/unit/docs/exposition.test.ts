import { engine } from '../../support/exposition/engine-and-reference.ts';
import { mergeAll, OPENMETRICS, TEXT, type TestSource } from '../../support/exposition/merging.ts';
import { readDocument } from '../../support/markdown.ts';

/** The rows of all tables with exactly these headings; a cell is the lines that its code spans are. */
function rows(...headings: readonly string[]): string[][][] {
  const lines = readDocument('docs/exposition.md').split('\n');
  const found: string[][][] = [];
  lines.forEach((line, at) => {
    if (line !== `| ${headings.join(' | ')} |`) return;
    for (let i = at + 2; lines[i]?.startsWith('|') === true; i++) {
      const cells = lines[i]!.split(/ ?\| ?/).slice(1, headings.length + 1);
      found.push(cells.map((cell) => [...cell.matchAll(/`([^`]*)`/g)].map(([, span = '']) => span)));
    }
  });
  return found;
}

function source(lines: readonly string[]): TestSource {
  const body = lines.map((line) => `${line}\n`).join('');
  return { body, syntax: lines.at(-1) === '# EOF' ? 'openmetrics' : 'text' };
}

function merged(bodies: readonly (readonly string[])[], format: typeof TEXT): string[] {
  const { reports, text } = mergeAll(engine, bodies.map(source), format);
  expect(reports).toEqual(bodies.map(() => expect.objectContaining({ ok: true }) as unknown));
  return text.split('\n').slice(0, -1);
}

describe('docs/exposition.md', () => {
  const single = rows('Body', 'In text', 'In OpenMetrics');
  const double = rows('Target a', 'Target b', 'In text', 'In OpenMetrics');
  const refused = rows('Body', 'Message');

  it('has examples', () => {
    expect([single.length, double.length, refused.length].map((length) => length > 7)).toEqual([
      true,
      true,
      true,
    ]);
  });

  it.each(single)('is right about %j', (body = [], text, openMetrics) => {
    expect(merged([body], TEXT)).toEqual(text);
    expect(merged([body], OPENMETRICS)).toEqual(openMetrics);
  });

  it.each(double)('is right about %j and %j', (a = [], b = [], text, openMetrics) => {
    expect(merged([a, b], TEXT)).toEqual(text);
    expect(merged([a, b], OPENMETRICS)).toEqual(openMetrics);
  });

  it.each(refused)('is right about the refusal of %j', (body = [], [message] = []) => {
    expect(mergeAll(engine, [source(body)], TEXT).reports).toEqual([
      { ok: false, reason: 'malformed', detail: message },
    ]);
  });
});
