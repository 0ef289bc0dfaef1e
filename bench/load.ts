const SERIES_PER_FAMILY = 100;

/** What services have: counters and gauges with five labels, about 123 bytes a sample. */
export function loadBody(samples: number): Buffer {
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

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function quantile(values: readonly number[], q: number): number {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? NaN;
}
