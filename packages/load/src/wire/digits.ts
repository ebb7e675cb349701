const ZERO = 48;

/** Writes `value` as exactly `width` decimal digits. A value that is too large loses its first digits. */
export function writeDigits(bytes: Uint8Array, at: number, width: number, value: number): void {
  for (let i = at + width - 1; i >= at; i--) {
    const tenth = Math.floor(value / 10);
    bytes[i] = ZERO + (value - tenth * 10);
    value = tenth;
  }
}

/** Reads `width` decimal digits; NaN if one of the bytes is none. */
export function readDigits(bytes: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let i = at; i < at + width; i++) {
    const digit = (bytes[i] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}
