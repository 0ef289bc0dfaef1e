const SERIES_PER_FAMILY = 100;

/** What services have: counters and gauges with five labels, about 123 bytes a sample. */
function loadBody(samples: number): Buffer {
  const lines: string[] = [];
  for (let i = 0; i < samples; i++) {
    const family = Math.floor(i / SERIES_PER_FAMILY);
    const isCounter = family % 2 === 0;
    const name = isCounter ? `http_requests_${family}_total` : `queue_${family}_bytes`;
    if (i % SERIES_PER_FAMILY === 0) {
      lines.push(`# HELP ${name} What it counts.`, `# TYPE ${name} ${isCounter ? 'counter' : 'gauge'}`);
    }
    const route = `route="/api/v1/items/${i % SERIES_PER_FAMILY}"`;
    lines.push(
      `${name}{method="GET",${route},code="200",instance="10.0.12.34:8080",version="2.17.1"} ${i}.5`,
    );
  }
  return Buffer.from(`${lines.join('\n')}\n`);
}

const RUNTIME_FAMILIES = 60;
const COUNTERS = 40;
const HISTOGRAMS = 8;
const BOUNDS = ['0.005', '0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1', '2.5', '5', '10', '+Inf'];

/**
 * Many families with few samples each, as most programs have them, about 50 kB. Services differ in the names of their own
 * families. Of five, one leaves lines empty as Node.js' prom-client does, and one has no metadata and blanks behind commas as VictoriaMetrics'
 * library writes them.
 */
function serviceBody(service: number): Buffer {
  const style = service % 5;
  const lines: string[] = [];
  const family = (name: string, type: string, samples: readonly string[]): void => {
    if (style !== 2) lines.push(`# HELP ${name} What ${name} says of it.`, `# TYPE ${name} ${type}`);
    lines.push(...samples, ...(style === 1 ? [''] : []));
  };
  const labelled = (name: string, labels: readonly string[], value: number): string =>
    `${name}{${labels.join(style === 2 ? ', ' : ',')}} ${value}`;
  for (let i = 0; i < RUNTIME_FAMILIES; i++)
    family(`runtime_${i}_bytes`, 'gauge', [`runtime_${i}_bytes ${i * 4099}`]);
  for (let i = 0; i < COUNTERS; i++) {
    const name = `service_${service}_events_${i}_total`;
    const series = (code: number): string => labelled(name, ['method="GET"', `code="${code}"`], code * i);
    family(name, 'counter', [200, 201, 301, 404, 500, 503].map(series));
  }
  for (let i = 0; i < HISTOGRAMS; i++) {
    const name = `service_${service}_step_${i}_seconds`;
    const metrics = ['list', 'read', 'write', 'delete'].flatMap((action) => {
      const label = `action="${action}"`;
      return [
        ...BOUNDS.map((bound, nth) => labelled(`${name}_bucket`, [label, `le="${bound}"`], nth * 17)),
        labelled(`${name}_sum`, [label], 12.5),
        labelled(`${name}_count`, [label], 187),
      ];
    });
    family(name, 'histogram', metrics);
  }
  return Buffer.from(`${lines.join('\n')}\n`);
}

const MIXED_SINGLES = 40;
const MIXED_HISTOGRAMS = 5;
const MIXED_VARIANTS = 4;
const BUCKET_SAMPLES = BOUNDS.length + 2;

/**
 * 85 families: 40 counters and 40 gauges of one sample, and five labelled histograms, which have most of the samples, about 125
 * bytes each. Values are what programs have: long fractions, exponents, NaN, counts. The variants are scrapes of one program: the
 * same series with other values.
 */
function mixedBody(samples: number, variant: number): Buffer {
  const lines: string[] = [];
  const random = randomNumbers(variant + 1);
  const family = (name: string, type: string, help: string): void => {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
  };
  for (let i = 0; i < MIXED_SINGLES; i++) {
    family(`worker_${i}_jobs_total`, 'counter', `Jobs of kind ${i} that were done since the start.`);
    lines.push(`worker_${i}_jobs_total ${Math.floor(random() * 1e6)}`);
    family(`worker_${i}_backlog_ratio`, 'gauge', `What is left of kind ${i}, as a share of all.`);
    lines.push(`worker_${i}_backlog_ratio ${mixedValue(i, random())}`);
  }
  const perHistogram = Math.floor((samples - 2 * MIXED_SINGLES) / MIXED_HISTOGRAMS / BUCKET_SAMPLES);
  for (let i = 0; i < MIXED_HISTOGRAMS; i++) {
    const name = `http_server_stage_${i}_duration_seconds`;
    family(name, 'histogram', `Time that requests spent in stage ${i}.`);
    for (let nth = 0; nth < perHistogram; nth++) {
      const code = nth % 3 === 0 ? '200' : nth % 3 === 1 ? '404' : '503';
      const labels = `method="GET",route="/api/v1/items/${nth}",code="${code}",zone="eu-west-1a"`;
      let count = 0;
      for (const bound of BOUNDS) {
        count += Math.floor(random() * 1000);
        lines.push(`${name}_bucket{${labels},le="${bound}"} ${count}`);
      }
      lines.push(`${name}_sum{${labels}} ${random() * count}`, `${name}_count{${labels}} ${count}`);
    }
  }
  return Buffer.from(`${lines.join('\n')}\n`);
}

function mixedValue(nth: number, random: number): string {
  if (nth % 10 === 0) return 'NaN';
  if (nth % 10 === 1) return (random * 1e12).toExponential();
  return String(random);
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const KINDS_OF_SERVICES = 10;

/** A load's samples: a number of plain ones; `2000mixed`, as most programs have them; `services` of ten kinds. */
export const SAMPLES = /^(?:[1-9][0-9]*(?:mixed)?|services)$/;

/**
 * The bodies of that many targets, once for each variant: scrape after scrape a target answers with the next one. Only `mixed`
 * has several.
 */
export function bodiesOf(targets: number, samples: string): readonly (readonly Buffer[])[] {
  const kinds = kindsOf(samples);
  return kinds.map((variant) =>
    Array.from({ length: targets }, (_, i) => variant[i % variant.length] ?? Buffer.alloc(0)),
  );
}

/** For each variant the kinds of bodies. */
function kindsOf(samples: string): readonly (readonly Buffer[])[] {
  if (!SAMPLES.test(samples)) throw new Error(`${samples}: write 2000, 2000mixed or services`);
  if (samples === 'services')
    return [Array.from({ length: KINDS_OF_SERVICES }, (_, service) => serviceBody(service))];
  const count = Number.parseInt(samples, 10);
  if (!samples.endsWith('mixed')) return [[loadBody(count)]];
  return Array.from({ length: MIXED_VARIANTS }, (_, variant) => [mixedBody(count, variant)]);
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function quantile(values: readonly number[], q: number): number {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? NaN;
}
