const UNITS_MS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/**
 * Milliseconds of a duration as Prometheus writes it (`10s`, `500ms`, `1m30s`): units `h`, `m`, `s`, `ms`, each at most once
 * and in this order. `0` needs no unit. Undefined if the text is not a duration.
 */
export function parseDurationMs(text: string): number | undefined {
  if (text === '0') return 0;
  const match = /^(?:([0-9]{1,6})h)?(?:([0-9]{1,8})m)?(?:([0-9]{1,9})s)?(?:([0-9]{1,12})ms)?$/.exec(text);
  if (match === null || text === '') return undefined;
  return Object.values(UNITS_MS).reduce((sum, unitMs, i) => sum + Number(match[i + 1] ?? 0) * unitMs, 0);
}
