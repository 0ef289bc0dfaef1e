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

const KINDS_OF_SERVICES = 10;

/** The bodies of so many targets: with so many samples each, or as `services` of ten kinds have them. */
export function bodiesOf(targets: number, samples: string): readonly Buffer[] {
  const kinds =
    samples === 'services'
      ? Array.from({ length: KINDS_OF_SERVICES }, (_, service) => serviceBody(service))
      : [loadBody(Number(samples))];
  return Array.from({ length: targets }, (_, i) => kinds[i % kinds.length] ?? Buffer.alloc(0));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function quantile(values: readonly number[], q: number): number {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? NaN;
}
