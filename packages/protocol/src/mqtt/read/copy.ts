/** The engine's own: cheaper than a view and `set`, and a `Buffer`'s `slice` is only a view. */
const { copy } = Buffer.prototype as {
  readonly copy: (this: Uint8Array, target: Uint8Array, at: number, from: number, end: number) => number;
};

/** Bytes of their own, whatever kind of array they come from. */
export function copyOf(bytes: Uint8Array, from: number, end: number): Uint8Array {
  const own = new Uint8Array(end - from);
  copy.call(bytes, own, 0, from, end);
  return own;
}
