import type { Channel } from "./connection.ts";
import type { Environment } from "./environment.ts";
import { clientError, type TidegateError, textOf } from "./errors.ts";
import type { TokenSource } from "./options.ts";

/** Timers of 32 bits end at 24.8 days; renewing daily is no burden. */
const LONGEST = 86_400_000;
/** A token that cannot be had is asked for again so soon, even at the end of its time. */
const SHORTEST = 1000;

/** Gets tokens, and sends a new one on the live connection when four fifths of the old one's time are over. */
export class Renewal {
  readonly #env: Environment;
  readonly #source: TokenSource | undefined;
  readonly #fault: (error: TidegateError) => void;
  #cancel = (): void => {};
  /** The connection that is kept alive; a token that comes after its end is thrown away. */
  #channel: Channel | undefined;

  constructor(env: Environment, source: TokenSource | undefined, fault: (error: TidegateError) => void) {
    this.#env = env;
    this.#source = source;
    this.#fault = fault;
  }

  /** Whether asking again may bring another token. */
  get canRenew(): boolean {
    return typeof this.#source === "function";
  }

  /** Rejects with `token_failed`. */
  async token(): Promise<string | undefined> {
    if (typeof this.#source !== "function") return this.#source;
    try {
      return await this.#source();
    } catch (cause) {
      throw clientError("token_failed", `the token could not be had: ${textOf(cause)}`, { temporary: true, cause });
    }
  }

  /** `expires` is the server's time in milliseconds since 1970. If it lies behind us, the clocks differ: no use to guess. */
  start(channel: Channel, expires: number | undefined): void {
    this.stop();
    this.#channel = channel;
    const left = (expires ?? 0) - this.#env.clock.now();
    if (!this.canRenew || left <= 0) return;
    const wait = Math.min(Math.max(left * 0.8, SHORTEST), LONGEST);
    this.#cancel = this.#env.clock.after(wait, () => void this.#renew(channel, expires));
  }

  stop(): void {
    this.#cancel();
    this.#channel = undefined;
  }

  async #renew(channel: Channel, expires: number | undefined): Promise<void> {
    const again = (error: TidegateError): void => {
      // The next connection begins with a token of its own.
      if (error.reason === "connection_lost") return;
      this.#fault(error);
      if (this.#channel === channel) this.start(channel, expires);
    };
    try {
      const token = await this.token();
      if (this.#channel !== channel) return;
      channel.send("refresh", { token }, (reply) => this.start(channel, reply.expires), again);
    } catch (error) {
      again(error as TidegateError);
    }
  }
}
