/** Factor of each unit, largest first, so that the shortest way to write a number is found first. */
type Units = readonly (readonly [name: string, factor: number])[];

const DURATIONS: Units = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
  ["ms", 1],
];

/** KB is 1,024 bytes, as in Redis, PostgreSQL and nginx: a limit is never below what its reader expects. */
const SIZES: Units = [
  ["TB", 1024 ** 4],
  ["GB", 1024 ** 3],
  ["MB", 1024 ** 2],
  ["KB", 1024],
  ["B", 1],
];

/** Milliseconds of `25s`, `500ms`, `1.5h`, `7d` or `0`; undefined if it is none of these. */
export function parseDuration(text: string): number | undefined {
  return parse(text, DURATIONS);
}

/** Bytes of `64KB`, `1MB`, `1GiB`, `512B` or `0`; undefined if it is none of these. */
export function parseSize(text: string): number | undefined {
  return parse(text.replace(/^([\d.]+ ?[KMGT])iB$/i, "$1B").toUpperCase(), SIZES);
}

/** The shortest exact way to write so many milliseconds: `90s`, `24h`. */
export function formatDuration(milliseconds: number): string {
  // A single day reads better as 24h.
  return format(milliseconds, milliseconds < 2 * 86_400_000 ? DURATIONS.slice(1) : DURATIONS);
}

/** The shortest exact way to write so many bytes: `64KB`, `1500B`. */
export function formatSize(bytes: number): string {
  return format(bytes, SIZES);
}

function parse(text: string, units: Units): number | undefined {
  if (text === "0") return 0;
  const parts = /^(\d{1,15}(?:\.\d{1,6})?) ?([a-zA-Z]+)$/.exec(text);
  const factor = units.find(([name]) => name === parts?.[2])?.[1];
  if (parts === null || factor === undefined) return undefined;
  const value = Math.round(Number(parts[1]) * factor);
  return Number.isSafeInteger(value) ? value : undefined;
}

function format(value: number, units: Units): string {
  const unit = value === 0 ? undefined : units.find(([, factor]) => value % factor === 0);
  return unit === undefined ? "0" : `${value / unit[1]}${unit[0]}`;
}
