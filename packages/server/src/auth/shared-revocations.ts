import type { Logger } from "pino";
import type { Cancel, Clock } from "../clock.ts";
import { type Bus, type BusSubject, type BusSubscription, BusUnavailable } from "../cluster/bus.ts";
import type { Revocation } from "./revocation-store.ts";
import { decodePage, encode, fieldsOf, keyOf, pageOf } from "./revocation-wire.ts";
import type { Revocations } from "./revocations.ts";

export interface SharedRevocationsParts {
  readonly bus: Bus;
  /** Id of this node. */
  readonly self: string;
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly revocations: Revocations;
  readonly logger: Pick<Logger, "warn">;
}

/**
 * What one gateway was told to refuse, all refuse. A revocation is told to the others at once; what was not heard is found by a
 * digest, which each tells every few seconds: whoever has another one asks for the whole list. Of two revocations of the same the later
 * one counts everywhere, so all nodes end with the same list.
 */
export class SharedRevocations {
  readonly #parts: SharedRevocationsParts;
  readonly #ends: (() => void)[] = [];
  #timer: Cancel = () => {};
  #pulling: Promise<void> | undefined = undefined;
  #sorted: Sorted | undefined;
  #closed = false;

  constructor(parts: SharedRevocationsParts) {
    this.#parts = parts;
  }

  /**
   * Resolves when this node refuses what any other refuses, so that it may let clients in. Where nobody answers in time that follows
   * when they can be heard.
   */
  async start(): Promise<void> {
    const { bus, self, revocations } = this.#parts;
    this.#ends.push(revocations.listen((added, where) => where === "here" && this.#tell(added)));
    const subscriptions = [
      bus.subscribe(NEWS, (payload) => this.#hear(payload)),
      bus.subscribe(DIGESTS, (payload) => this.#compare(payload)),
      bus.answer([...LIST, self], (payload) => this.#answer(payload)),
    ];
    await Promise.all(subscriptions.map(({ ready }) => ready.catch(() => {})));
    // Nobody answers where there is nobody else; and this node does not answer itself.
    await this.#pull(LIST);
    subscriptions.push(bus.answer(LIST, (payload) => this.#answer(payload)));
    this.#ends.push(
      ...subscriptions.map((each: BusSubscription) => () => each.end()),
      bus.watch((isUp) => isUp && this.#say(true)),
    );
    if (this.#closed) return this.#end();
    // Who answered may not have had all, or nobody did.
    this.#say(true);
  }

  close(): void {
    this.#closed = true;
    this.#end();
  }

  #end(): void {
    this.#timer();
    for (const end of this.#ends.splice(0)) end();
  }

  #tell(added: readonly Revocation[]): void {
    this.#parts.bus.publish(NEWS, encode({ revocations: added }));
  }

  #hear(payload: Uint8Array): void {
    this.#guarded("news", () => this.#accept(decodePage(payload).revocations));
  }

  /** `asks`: this node may have missed something, and those who have another list say so soon. */
  #say(asks: boolean): void {
    this.#parts.bus.publish(DIGESTS, encode({ node: this.#parts.self, digest: this.#list().digest, asks }));
    this.#sayWithin(ROUND);
  }

  /** At some moment up to `ms` from now, at least half of it. */
  #sayWithin(ms: number): void {
    const { clock, random } = this.#parts;
    this.#timer();
    this.#timer = clock.after((ms * (1 + random())) / 2, () => this.#say(false));
  }

  /** One list at a time is enough: who is still different then is asked in a later round. */
  #compare(payload: Uint8Array): void {
    this.#guarded("a digest", () => {
      const { node, digest, asks } = fieldsOf(payload);
      if (typeof node !== "string" || typeof digest !== "string") throw new TypeError("it has no digest");
      if (node === this.#parts.self || digest === this.#list().digest) return;
      if (asks === true) this.#sayWithin(SOON);
      void (this.#pulling ??= this.#pull([...LIST, node]).finally(() => (this.#pulling = undefined)));
    });
  }

  /** Takes over the whole list of whoever answers. Never rejects. */
  async #pull(subject: BusSubject): Promise<void> {
    try {
      for (let from: string | undefined = ""; from !== undefined && !this.#closed;) {
        const page = decodePage(await this.#parts.bus.request(subject, encode({ from }), PATIENCE));
        this.#accept(page.revocations);
        // Whatever the other says, it comes to an end.
        from = page.next !== undefined && page.next > from ? page.next : undefined;
      }
    } catch (error) {
      if (!(error instanceof BusUnavailable || error instanceof TypeError)) throw error;
      const isAlone = subject === LIST && error.message.startsWith("nobody answers");
      if (!isAlone) this.#parts.logger.warn({ err: error }, "the revocations of another node could not be read yet");
    }
  }

  async #answer(payload: Uint8Array): Promise<Uint8Array> {
    const { from } = fieldsOf(payload);
    const maxBytes = Math.min(PAGE_BYTES, this.#parts.bus.maxPayload / 2);
    return encode(pageOf(this.#list().all, typeof from === "string" ? from : "", maxBytes));
  }

  #accept(all: readonly Revocation[]): void {
    try {
      this.#parts.revocations.accept(all);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#parts.logger.warn({ err: error }, "revocations of other nodes do not fit: some are not in force here");
    }
  }

  /** Sorted, and with its digest: both are made anew only when something has changed. */
  #list(): Sorted {
    const { revocations } = this.#parts;
    const all = revocations.all();
    const known = this.#sorted;
    if (known?.version === revocations.version && known.all.length === all.length) return known;
    const sorted = all.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    return (this.#sorted = { version: revocations.version, all: sorted, digest: digestOf(sorted) });
  }

  #guarded(what: string, task: () => void): void {
    try {
      task();
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      this.#parts.logger.warn({ why: error.message }, `${what} of revocations is not understood`);
    }
  }
}

interface Sorted {
  readonly version: number;
  readonly all: readonly Revocation[];
  readonly digest: string;
}

function digestOf(all: readonly Revocation[]): string {
  let sum = 0;
  for (const each of all) sum += Bun.hash.crc32(`${keyOf(each)}:${each.before}:${each.until}`);
  return `${all.length}:${sum}`;
}

const NEWS = ["revoked"];
const DIGESTS = ["revoked", "digest"];
const LIST = ["revoked", "list"];
/** Milliseconds. */
const PATIENCE = 2000;
const ROUND = 10_000;
const SOON = 500;
/** Some thousand entries: a few milliseconds of work. */
const PAGE_BYTES = 512 * 1024;
