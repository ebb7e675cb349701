import { readDigits, writeDigits } from "./digits.ts";

/**
 * What every measured message carries in its payload, at fixed places and in digits, so that it is written and read
 * without building or parsing JSON: `~`, the publisher, its number of the message, and the moment of sending.
 */
const PUBLISHER = { at: 1, width: 7 } as const;
const NUMBER = { at: 8, width: 9 } as const;
const TIME = { at: 17, width: 11 } as const;
export const MARK_LENGTH = 28;

export const MARK_START = 0x7e;

/** Publishers have numbers below this. */
export const MAX_PUBLISHERS = 10 ** PUBLISHER.width;

/** JSON text of `bytes` bytes (at least 39) with a place for a mark, filled with `x`. */
export function markedPayload(bytes: number): string {
  const frame = '{"text":""}'.length;
  return `{"text":"~${"0".repeat(MARK_LENGTH - 1)}${"x".repeat(Math.max(0, bytes - frame - MARK_LENGTH))}"}`;
}

/** `micros` is a moment of the run's stopwatch: 11 digits are 27 hours. */
export function writeMark(bytes: Uint8Array, at: number, publisher: number, number: number, micros: number): void {
  writeDigits(bytes, at + PUBLISHER.at, PUBLISHER.width, publisher);
  writeDigits(bytes, at + NUMBER.at, NUMBER.width, number);
  writeDigits(bytes, at + TIME.at, TIME.width, micros);
}

export function markPublisher(bytes: Uint8Array, at: number): number {
  return readDigits(bytes, at + PUBLISHER.at, PUBLISHER.width);
}

export function markNumber(bytes: Uint8Array, at: number): number {
  return readDigits(bytes, at + NUMBER.at, NUMBER.width);
}

export function markTime(bytes: Uint8Array, at: number): number {
  return readDigits(bytes, at + TIME.at, TIME.width);
}
