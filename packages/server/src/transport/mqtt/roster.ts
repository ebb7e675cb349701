import type { MqttClient } from "./client.ts";

/** Who is connected, by client id: one connection for each. [MQTT-3.1.4-3] */
export class Roster {
  readonly #clients = new Map<string, MqttClient>();
  /** What is still being stored of those who left. */
  readonly #leaving = new Map<string, Promise<void>>();
  /** Connects with the same id go one after another. */
  readonly #turns = new Map<string, Promise<void>>();

  get size(): number {
    return this.#clients.size;
  }

  get(key: string): MqttClient | undefined {
    return this.#clients.get(key);
  }

  [Symbol.iterator](): IterableIterator<MqttClient> {
    return this.#clients.values();
  }

  /** Whether anything must be waited for before a client with this id may connect. */
  isFree(key: string): boolean {
    return !this.#clients.has(key) && !this.#leaving.has(key) && !this.#turns.has(key);
  }

  /** Runs `connect` when nobody else has the id any more, and everything of who had it is stored. */
  async claim(key: string, connect: () => Promise<void>): Promise<void> {
    const turn = this.isFree(key) ? connect() : this.#run(key, this.#turns.get(key), connect);
    this.#turns.set(key, turn);
    try {
      await turn;
    } finally {
      if (this.#turns.get(key) === turn) this.#turns.delete(key);
    }
  }

  add(key: string, client: MqttClient): void {
    this.#clients.set(key, client);
  }

  /** `stored` resolves when nothing of the session is left in memory. */
  remove(key: string, client: MqttClient, stored: Promise<void> | undefined): void {
    if (this.#clients.get(key) === client) this.#clients.delete(key);
    if (stored === undefined) return;
    const leaving = stored.finally(() => {
      if (this.#leaving.get(key) === leaving) this.#leaving.delete(key);
    });
    this.#leaving.set(key, leaving);
  }

  /** Resolves when everything of who had the id is stored. */
  async whenLeft(key: string): Promise<void> {
    await this.#leaving.get(key);
  }

  /** Resolves when everything of everybody who left is stored. */
  async settled(): Promise<void> {
    await Promise.all(this.#leaving.values());
  }

  async #run(key: string, before: Promise<void> | undefined, connect: () => Promise<void>): Promise<void> {
    await before?.catch(() => undefined);
    this.#clients.get(key)?.takenOver();
    await this.#leaving.get(key);
    await connect();
  }
}
