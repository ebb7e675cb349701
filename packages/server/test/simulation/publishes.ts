import { Payload, type Priority, type PublishCommand, type Reply } from "@tidegate/protocol";
import type { Truth } from "./truth.ts";
import { must } from "./violation.ts";

/** A publish that has no reply yet. */
interface Publish {
  readonly topic: string;
  readonly key: string;
  readonly id: string | undefined;
  readonly priority: Priority;
  readonly retain: boolean;
  attempts: number;
  underWay: boolean;
}

export interface PublishOptions {
  readonly withId: boolean;
  readonly priority: Priority;
  readonly retain: boolean;
  /** No payload: it clears a retained value. */
  readonly empty: boolean;
}

/** What the publishes of a client need of it. */
export interface Publishing {
  readonly name: string;
  readonly truth: Truth;
  send(command: Omit<PublishCommand, "id">, answer: (reply: Reply) => void): void;
  /** Of the gateway that the client is connected to. */
  epochOf(topic: string): string | undefined;
  note(text: string): void;
}

/** The publishes of a bare client: those with an id are sent again until they have an answer. */
export class Publishes {
  readonly #client: Publishing;
  #open: Publish[] = [];
  #count = 0;

  constructor(client: Publishing) {
    this.#client = client;
  }

  /** Without an answer. */
  get size(): number {
    return this.#open.length;
  }

  publish(topic: string, { withId, priority, retain, empty }: PublishOptions): void {
    const name = `${this.#client.name}-${++this.#count}`;
    const key = empty ? "" : JSON.stringify(`${name}${"-".repeat(40)}`);
    this.#send({ topic, key, id: withId ? name : undefined, priority, retain, attempts: 0, underWay: false });
  }

  /** Publishes again what has an id and no reply. */
  again(): void {
    const again = this.#open.filter(({ underWay }) => !underWay);
    this.#open = this.#open.filter(({ underWay }) => underWay);
    for (const each of again) this.#send(each);
  }

  /** The connection is lost: nobody knows what became of those without an id. */
  lost(): void {
    for (const each of this.#open) each.underWay = false;
    this.#open = this.#open.filter(({ id }) => id !== undefined);
  }

  #send(publish: Publish): void {
    publish.attempts++;
    publish.underWay = true;
    this.#open.push(publish);
    const { topic, key, id, priority, retain } = publish;
    const payload = key === "" ? Payload.text("") : Payload.json(key);
    this.#client.note(`publishes ${topic} ${key.slice(0, 8)}${retain ? " retained" : ""}, attempt ${publish.attempts}`);
    const command = { kind: "publish", topic, payload, messageId: id, priority, headers: undefined, retain } as const;
    this.#client.send(command, (reply) => this.#answered(publish, reply));
  }

  #answered(publish: Publish, reply: Reply): void {
    publish.underWay = false;
    if (reply.kind === "error") return this.#refused(publish);
    this.#close(publish);
    if (reply.kind === "publish") this.#acknowledged(publish, reply);
  }

  #acknowledged(publish: Publish, { epoch, offset, duplicate }: Extract<Reply, { kind: "publish" }>): void {
    const { truth, name, note } = this.#client;
    const { topic, key, id, attempts } = publish;
    note(`published ${topic} ${offset}${duplicate ? " as a duplicate" : ""}`);
    const check = (holds: boolean, rule: string, message: string) =>
      must(holds, rule, () => `${name} ${topic} ${key}: ${message}`, [topic]);
    const fact = truth.at(epoch, offset);
    check(fact?.topic === topic && fact.key === key, "G1", `acknowledged at ${offset} and not stored there`);
    check(epoch === this.#client.epochOf(topic), "G1", "acknowledged with a wrong epoch");
    check(!duplicate || attempts > 1, "G6", "a duplicate at the first attempt");
    if (fact !== undefined) fact.known ??= truth.tick;
    if (id === undefined && key !== "") check(truth.of(key).length === 1, "G1", "stored twice");
  }

  #refused(publish: Publish): void {
    const { truth, name } = this.#client;
    const { key, id, attempts, topic } = publish;
    const isStored = attempts === 1 && key !== "" && truth.of(key).length > 0;
    must(!isStored, "G1", () => `${name} ${topic} ${key}: refused and stored`, [topic]);
    if (id === undefined) this.#close(publish);
  }

  #close(publish: Publish): void {
    this.#open.splice(this.#open.indexOf(publish), 1);
  }
}
