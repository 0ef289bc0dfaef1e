import { spawnSync } from 'node:child_process';

export interface Scrape {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
  readonly durationMs: number;
}

/** Scrapes as Prometheus does, with the timeout that it announces; rejects two seconds after that. */
export async function scrape(url: string, timeoutSeconds = 10): Promise<Scrape> {
  const start = performance.now();
  const response = await fetch(url, {
    headers: {
      accept: 'text/plain;version=0.0.4',
      'x-prometheus-scrape-timeout-seconds': String(timeoutSeconds),
    },
    signal: AbortSignal.timeout(timeoutSeconds * 1000 + 2000),
  });
  const text = await response.text();
  return {
    status: response.status,
    contentType: response.headers.get('content-type') ?? '',
    text,
    durationMs: performance.now() - start,
  };
}

/** The samples of an exposition that begin so, comments aside: `samples(text, 'target_up{container_name="a"')`. */
export function samples(exposition: string, start = ''): string[] {
  return exposition
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#') && line.startsWith(start));
}

/** What the exporter says of its target: 1, 0, or undefined where it knows none of that name. */
export function targetUp(exposition: string, containerName: string): number | undefined {
  const start = `ecs_service_metrics_exporter_target_up{container_name="${containerName}"`;
  const [line] = samples(exposition, start);
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ') + 1));
}

/** Why the exporter says that its target is down; undefined where it isn't. */
export function problemOf(exposition: string, containerName: string): string | undefined {
  const start = `ecs_service_metrics_exporter_target_problem{container_name="${containerName}"`;
  const [line] = samples(exposition, start);
  return line === undefined ? undefined : /reason="(\w+)"/.exec(line)?.[1];
}

/** Throws where Prometheus' own text parser, or its check for series that come twice, refuses the exposition. */
export function checkExposition(exposition: string): void {
  const { error, status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input: exposition,
    encoding: 'utf8',
  });
  if (error !== undefined) throw error;
  // 3: lint of what the targets expose.
  if (status !== 0 && status !== 3) throw new Error(`promtool refuses the exposition: ${stdout}${stderr}`);
  const series = samples(exposition).map((line) => line.replace(/ [^ ]+$/, ''));
  const twice = series.find((line, index) => series.indexOf(line) !== index);
  if (twice !== undefined) throw new Error(`a series comes twice: ${twice}`);
}
