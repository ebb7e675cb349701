/**
 * The port for what nodes say to each other: at most once, nothing is stored. What one node publishes on one subject arrives
 * in that order, or not at all; between nodes and between subjects there is no order. Whoever needs more counts and asks again.
 */
export interface Bus {
  /** Bytes that a payload may have. It may change when the bus comes back. */
  readonly maxPayload: number;

  /**
   * Goes to every subscriber of the subject, on this node too. While the bus is away it is dropped. The payload belongs to the bus from
   * then on.
   *
   * @throws RangeError if the payload is longer than `maxPayload`
   * @throws TypeError if the subject is none
   */
  publish(subject: BusSubject, payload: Uint8Array): void;

  /** The handler must not throw; the payload is its to keep. */
  subscribe(subject: BusSubject, handler: (payload: Uint8Array) => void): BusSubscription;

  /**
   * Answers requests on a subject. A rejection of the handler, or an answer longer than `maxPayload`, answers nothing: the one who asks
   * runs out of patience.
   */
  answer(subject: BusSubject, handler: (payload: Uint8Array) => Promise<Uint8Array>): BusSubscription;

  /**
   * Asks whoever answers on the subject (one of them, if there are several). Rejects with `BusUnavailable`: nobody answers on it, it
   * took longer than `timeout` milliseconds, or the bus is away. With `RangeError` if the payload is longer than `maxPayload`.
   */
  request(subject: BusSubject, payload: Uint8Array, timeout: number): Promise<Uint8Array>;

  /** Whether this node can reach the others, as far as it knows. */
  readonly isUp: boolean;

  /** Calls back when `isUp` changes. What was said meanwhile is lost. */
  watch(changed: (isUp: boolean) => void): () => void;

  /** A round through the bus and back to this node, for readiness. Rejects with `BusUnavailable`. */
  probe(): Promise<void>;

  /** From then on nothing arrives, what is published is dropped, and requests reject. */
  close(): Promise<void>;
}

/** Words of letters, digits, `_` and `-`; at least one. The adapter puts the name of the cluster before them. */
export type BusSubject = readonly string[];

export interface BusSubscription {
  /** Resolves when what others publish from now on will arrive. Rejects with `BusUnavailable`; it comes into force later all the same. */
  readonly ready: Promise<void>;
  end(): void;
}

export class BusUnavailable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "BusUnavailable";
  }
}
