type Units = readonly (readonly [name: string, factor: number])[];

const DURATIONS: Units = [
  ["ms", 1],
  ["s", 1000],
  ["m", 60_000],
  ["h", 3_600_000],
];

const SIZES: Units = [
  ["B", 1],
  ["KB", 1024],
  ["MB", 1024 ** 2],
];

const PER: Units = [
  ["/s", 1],
  ["/m", 1 / 60],
  ["/h", 1 / 3600],
];

/** Milliseconds of `10s`, `500ms`, `1.5m` or `0`; undefined if it is none of these. */
export function parseDuration(text: string): number | undefined {
  return parse(text, DURATIONS, undefined);
}

/** Bytes of `100`, `64B`, `2KB`; undefined if it is none of these. */
export function parseSize(text: string): number | undefined {
  const bytes = parse(text, SIZES, 1);
  return bytes === undefined ? undefined : Math.round(bytes);
}

/** A number of a second of `500/s`, `30/m`, `500`; undefined if it is none of these. */
export function parseRate(text: string): number | undefined {
  return parse(text, PER, 1);
}

/** 0.5 of `50%`; undefined if it is no percentage. */
export function parseShare(text: string): number | undefined {
  const number = text.endsWith("%") ? parse(text.slice(0, -1), [], 1) : undefined;
  return number === undefined ? undefined : number / 100;
}

/** `bare` is the factor of a number without a unit; undefined where a unit is needed. */
function parse(text: string, units: Units, bare: number | undefined): number | undefined {
  const parts = /^(\d{1,12}(?:\.\d{1,9})?) ?([A-Za-z/]*)$/.exec(text.trim());
  if (parts === null) return undefined;
  const number = Number(parts[1]);
  if (parts[2] === "") return number === 0 ? 0 : bare === undefined ? undefined : number * bare;
  const factor = units.find(([name]) => name === parts[2])?.[1];
  return factor === undefined ? undefined : number * factor;
}
