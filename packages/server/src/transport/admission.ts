import { protocolError, type ProtocolError } from "@tidegate/protocol";
import type { Clock } from "../clock.ts";
import { takeToken, type Bucket } from "../pipeline/token-bucket.ts";

export interface AdmissionLimits {
  readonly max: number;
  /** 0: no limit. */
  readonly perAddress: number;
  /** New connections a second (0: no limit), and at once. */
  readonly acceptRate: number;
  readonly acceptBurst: number;
}

/** Who may open a connection now: bounds their number, their number for one address, and how fast new ones come. */
export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #clock: Clock;
  readonly #bucket: Bucket;
  readonly #addresses = new Map<string, number>();
  #open = 0;
  refused = 0;

  constructor(limits: AdmissionLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
    this.#bucket = { tokens: limits.acceptBurst, counted: clock.now() };
  }

  get open(): number {
    return this.#open;
  }

  /** Counts a connection in, or says why it may not come. Each one that came in must `leave`. */
  enter(address: string): ProtocolError | undefined {
    const refusal = this.#refusal(address);
    if (refusal !== undefined) {
      this.refused += 1;
      return refusal;
    }
    this.#open += 1;
    if (this.#limits.perAddress > 0) this.#addresses.set(address, (this.#addresses.get(address) ?? 0) + 1);
    return undefined;
  }

  leave(address: string): void {
    this.#open -= 1;
    if (this.#limits.perAddress === 0) return;
    const left = (this.#addresses.get(address) ?? 1) - 1;
    if (left > 0) this.#addresses.set(address, left);
    else this.#addresses.delete(address);
  }

  #refusal(address: string): ProtocolError | undefined {
    const { max, perAddress, acceptRate, acceptBurst } = this.#limits;
    if (this.#open >= max) return protocolError("overloaded", `this node has ${max} connections, the most it takes`);
    if (perAddress > 0 && (this.#addresses.get(address) ?? 0) >= perAddress)
      return protocolError("rate_limited", `this address has ${perAddress} connections, the most it may have`);
    if (acceptRate > 0 && !takeToken(this.#bucket, acceptRate, acceptBurst, this.#clock.now()))
      return protocolError("rate_limited", `more than ${acceptRate} new connections a second`);
    return undefined;
  }
}
