/** Figures as people read them. Every function takes one number and gives one short text. */

const GROUPED = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** `15,000`. */
export function count(value: number): string {
  return GROUPED.format(value);
}

/** At most four signs of digits, and a letter for the power of a thousand: `950`, `12.3 k`, `1.05 M`. */
export function short(value: number): string {
  return scaled(value, 1000, ["", "k", "M", "G", "T"]);
}

/** `12.3 k/s`. */
export function perSecond(value: number): string {
  const text = short(value);
  return text.includes(" ") ? `${text}/s` : `${text} /s`;
}

/** `54.1 MB`, by powers of 1024. */
export function bytes(value: number): string {
  return scaled(value, 1024, ["B", "KB", "MB", "GB", "TB"]);
}

/** Of microseconds: `85 µs`, `1.24 ms`, `3.02 s`. */
export function micros(value: number): string {
  if (value < 999.5) return `${Math.round(value)} µs`;
  return value < 999_500 ? `${three(value / 1000)} ms` : `${three(value / 1e6)} s`;
}

/** Of milliseconds. */
export function millis(value: number): string {
  return micros(value * 1000);
}

/** Of a share: `0.5` is `50 %`; what is small keeps two digits that count. */
export function percent(share: number): string {
  const hundred = share * 100;
  if (hundred === 0 || Math.abs(hundred) >= 10) return `${Math.round(hundred)} %`;
  return `${Number(hundred.toPrecision(2))} %`;
}

/** Of seconds: `9 s`, `1:05`, `2:00:00`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return whole < 60 ? `${whole} s` : clockTime(whole);
}

/** Of seconds: `0:09`, `1:05`, `2:00:00`. */
export function clockTime(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const [first, ...rest] = parts[0] === 0 ? parts.slice(1) : parts;
  return [String(first), ...rest.map((part) => String(part).padStart(2, "0"))].join(":");
}

/** `one`, or as many of the plural. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

function scaled(value: number, step: number, names: readonly string[]): string {
  let power = 0;
  let rest = value;
  // What would be rounded up to a whole step is written in the next unit.
  while (Math.abs(rest) >= step - 0.5 && power < names.length - 1) {
    rest /= step;
    power += 1;
  }
  const name = names[power] ?? "";
  const text = power === 0 ? String(Math.round(rest)) : three(rest);
  return name === "" ? text : `${text} ${name}`;
}

/** Three digits that count; whole from 100 on. */
function three(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2);
}
