import { bodiesOf } from './load.ts';

const OPENMETRICS_TYPE = 'application/openmetrics-text; version=1.0.0';
const TEXT_TYPE = 'text/plain; version=0.0.4';
const ACCEPT_OPENMETRICS = 'application/openmetrics-text;version=1.0.0';
const ACCEPT_TEXT = 'text/plain;version=0.0.4';

/** One way to write sample lines, and what is asked of the merge. */
export interface Form {
  readonly name: string;
  /** For each variant one body. */
  readonly bodies: readonly Buffer[];
  readonly contentType: string;
  readonly accept: string;
}

const FAMILY_SAMPLES = 2000;
const EXEMPLAR = ' # {trace_id="4bf92f3577b34da6a3ce929d0e0e4736"} 0.67 1700000000.123';

/** The forms that a sample line can have, the plain one first, all of the same samples but for the last two. */
export function formsOf(samples: number): readonly Form[] {
  const [plain = Buffer.alloc(0)] = bodiesOf(1, String(samples)).map(([body]) => body ?? Buffer.alloc(0));
  const text = plain.toString();
  const form = (
    name: string,
    body: string,
    { contentType = TEXT_TYPE, accept = ACCEPT_OPENMETRICS }: Partial<Form> = {},
  ): Form => ({ name, bodies: [Buffer.from(body)], contentType, accept });
  const eachSample = (change: (name: string, labels: string, value: string) => string): string =>
    text.replace(/^(\w+)\{(.*)\} (.*)$/gm, (_, name: string, labels: string, value: string) =>
      change(name, labels, value),
    );
  const quoted = eachSample(
    (name, labels, value) => `{"${name.replace('_', '.')}",${labels}} ${value}`,
  ).replace(/^(# \w+) (\w+)/gm, (_, start: string, name: string) => `${start} "${name.replace('_', '.')}"`);
  const asOpenMetrics = `${text.replace(/^(# \w+ \w+)_total /gm, '$1 ')}# EOF\n`;
  const withExemplars = asOpenMetrics.replace(/^http.*[0-9]$/gm, (line) => line + EXEMPLAR);
  const withTimestamps = eachSample((name, labels, value) => `${name}{${labels}} ${value} 1700000000123`);
  return [
    form('plain', text),
    form('a label that clashes with the identity', text.replaceAll('instance="', 'container_name="')),
    form('quoted names, answered escaped', quoted),
    form('quoted names, answered as they are', quoted, {
      accept: `${ACCEPT_OPENMETRICS};escaping=allow-utf-8`,
    }),
    form('exemplars on counters', withExemplars, { contentType: OPENMETRICS_TYPE }),
    form('a tab before the value', text.replaceAll('} ', '}\t')),
    form('two blanks before the value', text.replaceAll('} ', '}  ')),
    form('timestamps, answered in OpenMetrics', withTimestamps),
    form('timestamps, answered in text', withTimestamps, { accept: ACCEPT_TEXT }),
    form('one sample a family', singles()),
    { ...form('mixed', ''), bodies: bodiesOf(1, `${samples}mixed`).map(([body]) => body ?? Buffer.alloc(0)) },
  ];
}

function singles(): string {
  return Array.from(
    { length: FAMILY_SAMPLES },
    (_, i) => `# TYPE single_${i} gauge\nsingle_${i} ${i}.25\n`,
  ).join('');
}
