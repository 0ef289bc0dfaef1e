import { endpointKey, parseEndpoints } from '../domain/targets/endpoint.ts';

const EXIT_PROBLEM = 1;

/** Says how a label value is read. 1 when a part of it would not be fetched. */
export function checkLabel(value: string): number {
  const { valid, invalid } = parseEndpoints(value);
  const lines = [
    ...valid.map((endpoint) => `ok       ${endpointKey(endpoint)}`),
    ...invalid.map(({ text, reason }) => `invalid  "${text}" ${reason}`),
  ];
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  return invalid.length === 0 ? 0 : EXIT_PROBLEM;
}
