import type { Cancel, Clock } from "../../clock.ts";
import type { MqttClient } from "./client.ts";
import type { MqttContext } from "./context.ts";
import { REASON } from "./reasons.ts";

/** Milliseconds between two rounds over all clients: how late a silent one may be found. */
const ROUND = 1000;
/** Sessions whose time is over that are removed together. */
const SLICE = 100;
const DAY = 86_400_000;

/** Looks after what no packet starts: silent clients, positions that are to be stored, sessions whose time is over. */
export class MqttSweeper {
  readonly #context: MqttContext;
  readonly #clock: Clock;
  #timer: Cancel;

  constructor(context: MqttContext) {
    this.#context = context;
    this.#clock = context.services.clock;
    this.#timer = this.#clock.after(ROUND, this.#round);
  }

  stop(): void {
    this.#timer();
  }

  #round = (): void => {
    const now = this.#clock.now();
    for (const client of this.#context.roster) inspect(client, now);
    this.#expire(now)
      .catch((error: unknown) => this.#context.services.logger.warn({ err: error }, "sessions could not be expired"))
      .finally(() => (this.#timer = this.#clock.after(ROUND, this.#round)));
  };

  /** Slice by slice, each one write of the store, until there are no more or it is time for something else. */
  async #expire(now: number): Promise<void> {
    const { store, services } = this.#context;
    for (let expired = await store.expired(now, SLICE); expired.length > 0; expired = await store.expired(now, SLICE)) {
      await Promise.all(expired.map((key) => this.#expireOne(key, now)));
      if (expired.length < SLICE || services.clock.now() - now > ROUND) return;
    }
  }

  #expireOne(key: string, now: number): Promise<void> {
    const { store, roster, wills } = this.#context;
    if (!roster.isFree(key)) return store.write(key, [{ kind: "expires", at: now + DAY }]);
    wills.execute(key);
    return store.write(key, [{ kind: "delete" }]);
  }
}

function inspect(client: MqttClient, now: number): void {
  const { patience, heard, state, usedWindow } = client;
  // [MQTT-3.1.2-22]
  if (patience > 0 && now - heard > patience)
    return client.close(REASON.keepAlive, `nothing was heard for ${patience / 1000} s`);
  if (state.overlaps) state.dropEnded(client.window);
  const { ledger, progress } = state;
  if (ledger === undefined) return;
  if (usedWindow !== undefined || state.all.length > 0) progress?.notePositions(state.all, client.window);
  if (ledger.hasNotes) void ledger.flush();
}
