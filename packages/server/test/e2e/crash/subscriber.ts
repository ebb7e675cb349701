import { JsonClient, type Json } from "../json-client.ts";

interface Pushed {
  readonly topic: string;
  readonly offset: number;
  readonly previous: number;
  readonly id: string;
}

/** Follows a filter over all crashes with `since`, and checks what each message must be. */
export class CrashSubscriber {
  readonly name: string;
  readonly filter: string;
  /** Ids in the order in which they came, by topic. */
  readonly seen = new Map<string, string[]>();
  readonly faults: string[] = [];
  #epoch = "";
  offset = 0;
  /** Offset of the newest message of each topic. */
  readonly #newest = new Map<string, number>();
  #client: JsonClient | undefined;

  constructor(name: string, filter: string) {
    this.name = name;
    this.filter = filter;
  }

  async connect(url: string): Promise<void> {
    const client = await JsonClient.connect(url);
    this.#client = client;
    client.onPush = (push) => this.#take(push);
    const since = this.#epoch === "" ? {} : { since: { epoch: this.#epoch, offset: this.offset } };
    const { subscribe, error } = await client.ask({ subscribe: { topic: this.filter, ...since } });
    if (subscribe === undefined) return this.#fault(JSON.stringify(error));
    const state = subscribe as { readonly epoch: string; readonly offset: number; readonly recovered?: boolean };
    if (this.#epoch !== "" && state.recovered !== true) this.#fault("it was not recovered");
    if (this.#epoch === "") this.offset = state.offset;
    this.#epoch = state.epoch;
  }

  async reach(offset: number): Promise<void> {
    await this.#client?.until(() => this.offset >= offset || this.faults.length > 0);
    this.#client?.close();
  }

  #take({ message, ...other }: Json): void {
    if (message === undefined) return this.#fault(`a push that is no message: ${JSON.stringify(other)}`);
    const { topic, offset, previous, id } = message as Pushed;
    if (offset <= this.offset) this.#fault(`${id} at ${offset} came after ${this.offset}`);
    const before = this.#newest.get(topic) ?? 0;
    if (previous !== before) this.#fault(`${id}: before it was ${previous}, and ${before} came last`);
    this.offset = Math.max(this.offset, offset);
    this.#newest.set(topic, offset);
    const ids = this.seen.get(topic);
    if (ids === undefined) this.seen.set(topic, [id]);
    else ids.push(id);
  }

  #fault(what: string): void {
    this.faults.push(`${this.name}: ${what}`);
  }
}
