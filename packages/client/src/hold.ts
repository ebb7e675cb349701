import type { Message } from "./message.ts";

/** What came while a subscription was busy filling in what is before it. */
export type Held =
  | { readonly kind: "message"; readonly message: Message }
  | { readonly kind: "gap"; readonly after: number; readonly to: number };

/** Entries kept: the rest is fetched from history afterwards. */
const LIMIT = 1000;

export class Hold {
  readonly entries: Held[] = [];

  /** Over the limit the messages become one gap, which only remembers how far they went. */
  add(entry: Held): void {
    if (this.entries.length < LIMIT) return void this.entries.push(entry);
    const to = entry.kind === "message" ? entry.message.offset : entry.to;
    const last = this.entries.at(-1);
    if (last?.kind === "gap") this.entries[this.entries.length - 1] = { ...last, to: Math.max(last.to, to) };
    else this.entries.push({ kind: "gap", after: last?.message.offset ?? 0, to });
  }
}
