const UNITS: Readonly<Record<string, number>> = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

/** Bytes of a size such as `16MiB` (units `B`, `KiB`, `MiB`, `GiB`). Undefined if the text is not a size. */
export function parseByteSize(text: string): number | undefined {
  const match = /^([0-9]{1,12})(B|KiB|MiB|GiB)$/.exec(text);
  const unit = UNITS[match?.[2] ?? ''];
  if (match === null || unit === undefined) return undefined;
  const bytes = Number(match[1]) * unit;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Formats a size with the largest unit that gives a whole number: `16MiB`. */
export function formatByteSize(bytes: number): string {
  const [unit, factor] = Object.entries(UNITS).findLast(
    ([, size]) => bytes >= size && bytes % size === 0,
  ) ?? ['B', 1];
  return `${bytes / factor}${unit}`;
}
