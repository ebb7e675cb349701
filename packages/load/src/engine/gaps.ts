/** Ranges that are remembered at most, over all slots: a message that comes late after that is taken for repeated. */
const MAX_RANGES = 100_000;

type Range = [from: number, to: number];

/** Numbers that were passed over, and may still come. */
export class Gaps {
  readonly #ranges = new Map<number, Range[]>();
  #count = 0;

  add(slot: number, from: number, to: number): void {
    if (this.#count >= MAX_RANGES) return;
    this.#count += 1;
    const ranges = this.#ranges.get(slot);
    if (ranges === undefined) this.#ranges.set(slot, [[from, to]]);
    else ranges.push([from, to]);
  }

  /** Whether the number was missing; it no longer is. */
  take(slot: number, number: number): boolean {
    const ranges = this.#ranges.get(slot);
    const at = ranges?.findIndex(([from, to]) => number >= from && number <= to) ?? -1;
    if (ranges === undefined || at < 0) return false;
    const [from, to] = ranges[at]!;
    const left: Range[] = [];
    if (from < number) left.push([from, number - 1]);
    if (number < to) left.push([number + 1, to]);
    ranges.splice(at, 1, ...left);
    this.#count += left.length - 1;
    if (ranges.length === 0) this.#ranges.delete(slot);
    return true;
  }

  /** The slot begins anew. */
  forget(slot: number): void {
    this.#count -= this.#ranges.get(slot)?.length ?? 0;
    this.#ranges.delete(slot);
  }
}
