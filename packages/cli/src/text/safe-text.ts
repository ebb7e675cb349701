/**
 * Text of strangers for a terminal: control characters, which could move the cursor or recolour the screen, become
 * escapes, and so does what turns the direction of writing. The result is one line.
 */
export function safeText(text: string): string {
  return text.replaceAll(UNSAFE, (char) => NAMED.get(char) ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

// oxlint-disable-next-line no-control-regex -- control characters are what it is about
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

const NAMED = new Map([
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);
