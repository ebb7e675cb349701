import { matches } from "@tidegate/protocol";
import type { AckPacket, PublishPacket } from "@tidegate/protocol/mqtt";
import { Random } from "../../support/random.ts";
import { until } from "../../support/until.ts";
import { type MqttTestClient, textOf } from "./client.ts";
import { durable, type MqttNode } from "./node.ts";

const TOPICS = ["a", "b", "c/d"];
const FILTERS = ["#", "a", "b", "+", "c/#", "+/d"];

interface Sent {
  readonly text: string;
  readonly topic: string;
  /** Subscriptions that named it when it was published: it is owed as long as there is one of them. */
  readonly by: ReadonlySet<object>;
}

/**
 * A client with a durable session that does what a seed says: subscribes, unsubscribes, reads or does not, breaks its
 * handshakes off and comes back, while another one publishes at QoS 2. It keeps its own state of QoS 2 and looks whether every
 * message comes that must, none twice, and those of a topic in their order.
 */
export class RandomSession {
  readonly #start: () => Promise<MqttNode>;
  readonly #seed: number;
  readonly #random: Random;
  readonly #root: string;
  /** By filter; one that is made anew is another one. */
  readonly #subscribed = new Map<string, object>();
  readonly #sent: Sent[] = [];
  readonly #held = new Map<number, string>();
  readonly #came: string[] = [];
  readonly #steps: string[] = [];
  readonly #faults: string[] = [];
  #node!: MqttNode;
  #client!: MqttTestClient;
  #writer!: MqttTestClient;

  constructor(start: () => Promise<MqttNode>, seed: number) {
    this.#start = start;
    this.#seed = seed;
    this.#random = new Random(seed);
    this.#root = `r${seed}`;
  }

  /** Returns what went wrong, with the steps that led to it. */
  async run(steps: number): Promise<readonly string[]> {
    await this.#restart();
    for (let i = 0; i < steps; i++) await this.#step();
    await this.#comeBack(100);
    await this.#readAll();
    this.#compare();
    this.#client.disconnect(0, { sessionExpiryInterval: 0 });
    await this.#gone();
    const { length } = this.#faults;
    return length === 0 ? [] : [`seed ${this.#seed}: ${this.#steps.join(", ")}: ${this.#faults.join("; ")}`];
  }

  async #step(): Promise<void> {
    const dice = this.#random.next();
    if (dice < 0.45) await this.#publish();
    else if (dice < 0.6) await this.#subscribe();
    else if (dice < 0.68) await this.#unsubscribe();
    else if (dice < 0.9) await this.#read(this.#random.int(1, 4));
    else if (dice < 0.98) await this.#comeBack(this.#random.int(1, 3));
    else await this.#restart();
  }

  async #publish(): Promise<void> {
    const topic = `${this.#root}/${this.#random.pick(TOPICS)}`;
    const text = String(this.#sent.length);
    const named = [...this.#subscribed].filter(([filter]) => matches(filter, topic));
    this.#steps.push(`publish ${text} to ${topic}`);
    this.#sent.push({ text, topic, by: new Set(named.map(([, subscription]) => subscription)) });
    await this.#writer.deliver(topic, text, { qos: 2 });
  }

  async #subscribe(): Promise<void> {
    const filter = `${this.#root}/${this.#random.pick(FILTERS)}`;
    const qos = this.#random.chance(0.7) ? 2 : 1;
    this.#steps.push(`subscribe ${filter} at ${qos}`);
    await this.#client.subscribe(filter, { qos, retainHandling: 2 });
    if (!this.#subscribed.has(filter)) this.#subscribed.set(filter, {});
  }

  async #unsubscribe(): Promise<void> {
    if (this.#subscribed.size === 0) return;
    const filter = this.#random.pick([...this.#subscribed.keys()]);
    this.#steps.push(`unsubscribe ${filter}`);
    await this.#client.unsubscribe(filter);
    this.#subscribed.delete(filter);
  }

  /** Takes packets that are there, and answers most of them. */
  async #read(count: number): Promise<void> {
    await this.#client.pickPing();
    for (let i = 0; i < count; i++) {
      const packet = this.#client.waiting[0];
      if (packet === undefined) return;
      this.#answer(await this.#client.take(packet.type as "publish" | "pubrel"));
    }
  }

  #answer(packet: PublishPacket | AckPacket): void {
    const packetId = packet.packetId!;
    if (packet.type !== "publish") {
      this.#held.delete(packetId);
      this.#client.ack("pubcomp", packetId);
      return;
    }
    const text = textOf(packet);
    this.#steps.push(`get ${text} at ${packet.qos}${packet.dup ? ", again" : ""}`);
    if (packet.qos === 1) {
      // It may come again: its acknowledgement may not have arrived.
      if (!this.#came.includes(text)) this.#came.push(text);
      return this.#client.ack("puback", packetId);
    }
    const held = this.#held.get(packetId);
    if (held === undefined) this.#came.push(text);
    else if (held !== text) this.#faults.push(`${text} came under the packet id ${packetId} of ${held}`);
    this.#held.set(packetId, text);
    this.#client.ack("pubrec", packetId);
  }

  async #comeBack(receiveMaximum: number): Promise<void> {
    this.#steps.push(`come back, with room for ${receiveMaximum}`);
    this.#client.cut();
    await this.#gone();
    await this.#connect(receiveMaximum);
  }

  async #restart(): Promise<void> {
    this.#node = await this.#start();
    this.#steps.push("the server starts");
    this.#writer = await this.#node.join();
    if (this.#client !== undefined) this.#client.cut();
    await this.#gone();
    await this.#connect(2);
  }

  async #connect(receiveMaximum: number): Promise<void> {
    const wishes = durable(`random-${this.#seed}`, 5);
    const properties = { ...wishes.properties, receiveMaximum };
    this.#client = await this.#node.join({ ...wishes, properties });
  }

  async #gone(): Promise<void> {
    const { roster } = this.#node.context;
    await until(() => ![...roster].some(({ clientId }) => clientId === `random-${this.#seed}`));
    await roster.settled();
  }

  async #readAll(): Promise<void> {
    for (let idle = 0; idle < 3; idle++) {
      await this.#client.pickPing();
      while (this.#client.waiting.length > 0) {
        idle = 0;
        await this.#read(1);
      }
    }
  }

  #compare(): void {
    const came = new Set(this.#came);
    for (const [i, text] of this.#came.entries())
      if (this.#came.indexOf(text) !== i) this.#faults.push(`${text} came twice`);
    const left = new Set(this.#subscribed.values());
    for (const { text, by } of this.#sent)
      if (!by.isDisjointFrom(left) && !came.has(text)) this.#faults.push(`${text} did not come`);
      else if (by.size === 0 && came.has(text)) this.#faults.push(`${text} came and was nobody's`);
    for (const topic of TOPICS) {
      const own = this.#came.filter((text) => this.#sent[Number(text)]!.topic === `${this.#root}/${topic}`).map(Number);
      if (own.some((number, i) => number < (own[i - 1] ?? 0))) this.#faults.push(`${topic}: ${own.join(" ")}`);
    }
  }
}
