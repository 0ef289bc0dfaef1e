/** Orders texts by their UTF-16 code units: the same order on every machine, which a locale's isn't. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
