import { between, type Interval, snapshot } from "../../src/measure/interval.ts";
import { startStopwatch } from "../../src/measure/stopwatch.ts";
import { Tally } from "../../src/measure/tally.ts";
import { until } from "../../src/measure/wait.ts";
import { connectPacket, subscribePacket } from "../../src/mqtt/packets.ts";
import type { Timing } from "../../src/scenario/loads.ts";
import { IncorrectDelivery, type Target } from "../../src/scenario/run.ts";
import { openAll } from "./client.ts";
import { PublishingClient } from "./publisher.ts";
import { type Audience, ReceivingClient } from "./receiver.ts";
import type { ClientPlan, Load } from "./shape.ts";

/** Time for what is under way to arrive, in milliseconds. */
const DRAIN = 20_000;

/** Publishers and receivers of one load, connected to one server. */
export class Traffic implements Audience {
  readonly #target: Target;
  readonly #load: Load;
  readonly #stopwatch = startStopwatch();
  readonly #tally = new Tally();
  readonly #publishers: readonly PublishingClient[];
  readonly #receivers: readonly ReceivingClient[];
  /** Publishers that may send again. */
  #free: PublishingClient[] = [];

  private constructor(target: Target, load: Load) {
    this.#target = target;
    this.#load = load;
    const { shape } = load;
    this.#receivers = Array.from({ length: shape.receivers }, (_, i) => {
      const plan = this.#plan(`receiver-${i}`, [subscribePacket(1, shape.filterOf(i), load.qos)]);
      return new ReceivingClient(plan, i, shape.hearsOf(i), this);
    });
    this.#publishers = Array.from(
      { length: shape.publishers },
      (_, i) => new PublishingClient(this.#plan(`publisher-${i}`, []), i, shape.topicOf(i), shape.copies),
    );
  }

  /** Connects everybody. Rejects if the server refuses one. */
  static async open(target: Target, load: Load): Promise<Traffic> {
    const traffic = new Traffic(target, load);
    await openAll(traffic.#receivers);
    await openAll(traffic.#publishers);
    return traffic;
  }

  /** A closed loop at full speed. Throws `IncorrectDelivery`. */
  async saturate({ warmUp, seconds }: Timing): Promise<Interval> {
    for (const publisher of this.#publishers) publisher.start();
    await Bun.sleep(warmUp * 1000);
    const start = this.#snapshot();
    await Bun.sleep(seconds * 1000);
    const end = this.#snapshot();
    for (const publisher of this.#publishers) publisher.stop();
    await this.#drain();
    return between(start, end);
  }

  close(): void {
    for (const client of [...this.#publishers, ...this.#receivers]) client.close();
  }

  delivered(publisher: number, number: number): void {
    const from = this.#publishers[publisher];
    if (from === undefined || !from.delivered(number) || from.queued) return;
    from.queued = true;
    this.#free.push(from);
  }

  endOfRead(): void {
    if (this.#free.length === 0) return;
    const free = this.#free;
    this.#free = [];
    for (const publisher of free) publisher.pump();
  }

  #plan(clientId: string, subscriptions: readonly Uint8Array[]): ClientPlan {
    const { hosts, port } = this.#target;
    // Without keep-alive: nothing is to be sent only because time passes.
    const connect = connectPacket({ clientId, user: undefined, password: undefined, keepAlive: 0 });
    const greeting = [connect, ...subscriptions];
    return { load: this.#load, address: { host: hosts[0]!, port }, greeting, tally: this.#tally };
  }

  #snapshot(): ReturnType<typeof snapshot> {
    return snapshot(this.#target.pid, this.#tally, this.#stopwatch);
  }

  /** Waits until everything that was sent has arrived, and checks it. Throws `IncorrectDelivery`. */
  async #drain(): Promise<void> {
    const tally = this.#tally;
    const deliveries = tally.sent * this.#load.shape.copies;
    const answers = this.#load.qos === 0 ? 0 : tally.sent;
    const arrived = (): boolean => tally.acknowledged >= answers && tally.delivered >= deliveries;
    await until("all answers and deliveries", DRAIN, () => arrived() || tally.faults.length > 0).catch(() => {});
    if (tally.acknowledged !== answers) tally.fault(`${tally.acknowledged} answers where ${answers} were due`);
    if (tally.delivered !== deliveries) tally.fault(`${tally.delivered} deliveries where ${deliveries} were due`);
    for (const [i, receiver] of this.#receivers.entries()) this.#checkEnd(receiver, i);
    if (tally.faults.length > 0) throw new IncorrectDelivery(this.#target.name, tally.faults);
  }

  #checkEnd(receiver: ReceivingClient, index: number): void {
    const { first, count } = this.#load.shape.hearsOf(index);
    for (let publisher = first; publisher < first + count; publisher++) {
      const [heard, sent] = [receiver.heard(publisher), this.#publishers[publisher]!.sent];
      if (heard !== sent) this.#tally.fault(`${receiver.name} heard ${heard} of ${sent} of publisher ${publisher}`);
    }
  }
}
