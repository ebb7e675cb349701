import type { Cancel, Clock } from "../../clock.ts";
import type { Caretaker } from "./caretaker.ts";
import type { MqttClient } from "./client.ts";
import type { MqttContext } from "./context.ts";
import { DAY } from "./progress.ts";
import { REASON } from "./reasons.ts";

/** Milliseconds between two rounds over all clients: how late a silent one may be found. */
const ROUND = 1000;

/** Looks after what no packet starts: silent clients, positions that are to be stored, sessions that nobody has. */
export class MqttSweeper {
  readonly #context: MqttContext;
  readonly #caretaker: Caretaker;
  readonly #clock: Clock;
  #timer: Cancel;
  #isStopped = false;
  #work: Promise<void> = Promise.resolve();

  constructor(context: MqttContext, caretaker: Caretaker) {
    this.#context = context;
    this.#caretaker = caretaker;
    this.#clock = context.services.clock;
    this.#timer = this.#clock.after(ROUND, this.#round);
  }

  /** Resolves when nothing is under way. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer();
    await this.#work;
  }

  #round = (): void => {
    const now = this.#clock.now();
    for (const client of this.#context.roster) inspect(client, now);
    this.#work = this.#caretaker
      .round(now)
      .catch((error: unknown) => this.#context.services.logger.warn({ err: error }, "sessions are not looked after"))
      .finally(() => {
        if (!this.#isStopped) this.#timer = this.#clock.after(ROUND, this.#round);
      });
  };
}

function inspect(client: MqttClient, now: number): void {
  const { patience, heard, state, usedWindow } = client;
  // [MQTT-3.1.2-22]; who is not read is not heard.
  if (patience > 0 && now - heard > patience && !client.link.isPaused)
    return client.close(REASON.keepAlive, `nothing was heard for ${patience / 1000} s`);
  if (state.overlaps) state.dropEnded(client.window);
  const { progress } = state;
  if (progress === undefined) return;
  if (now > progress.keptUntil - DAY / 2) client.keep();
  if (usedWindow !== undefined || state.all.length > 0) progress.notePositions(state.all, client.window);
  if (progress.ledger.hasNotes) void progress.ledger.flush();
}
