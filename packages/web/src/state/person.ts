/** Who sits at this page. Without a token the id is what tells people apart, so it is chosen at random. */
export interface Person {
  readonly id: string;
  readonly name: string;
}

export const MAX_NAME = 40;

const FIRST = [
  "Amber",
  "Brisk",
  "Calm",
  "Clever",
  "Coral",
  "Gentle",
  "Golden",
  "Merry",
  "Nimble",
  "Quiet",
  "Silver",
  "Sunny",
];
const SECOND = [
  "Badger",
  "Crane",
  "Dolphin",
  "Falcon",
  "Heron",
  "Kingfisher",
  "Lynx",
  "Marten",
  "Otter",
  "Puffin",
  "Seal",
  "Wren",
];

/** A name to begin with. `random` gives numbers from 0 up to, not with, 1. */
export function madeUpName(random: () => number): string {
  return `${pick(FIRST, random)} ${pick(SECOND, random)}`;
}

/** The name as it is kept: one line, no space around it, at most 40 characters; undefined if nothing is left. */
export function cleanName(input: string): string | undefined {
  const line = input.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ").trim();
  const name = [...line].slice(0, MAX_NAME).join("").trim();
  return name === "" ? undefined : name;
}

/** One or two letters for the round picture. */
export function initials(name: string): string {
  const words = name.split(" ").filter((word) => word !== "");
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => [...(word ?? "")][0] ?? "");
  return letters.join("").toUpperCase() || "?";
}

/** A hue, in degrees, that is always the same for one person. */
export function hueOf(key: string): number {
  let hash = 0;
  for (const char of key) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) % 360_000;
  return hash % 360;
}

function pick(words: readonly string[], random: () => number): string {
  return words[Math.floor(random() * words.length)] ?? "";
}
