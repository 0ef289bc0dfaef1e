import { endpointKey, parseEndpoints } from '../domain/targets/endpoint.ts';

const EXIT_PROBLEM = 1;

/** Prints the endpoints of a label value. Returns the exit code: 1 if a part of it would not be fetched. */
export function checkLabel(value: string): number {
  const { valid, invalid } = parseEndpoints(value);
  const lines = [
    ...valid.map((endpoint) => `ok       ${endpointKey(endpoint)}`),
    ...invalid.map(({ text, reason }) => `invalid  "${text}" ${reason}`),
  ];
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  return invalid.length === 0 ? 0 : EXIT_PROBLEM;
}
