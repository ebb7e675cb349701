import { expect, test } from "bun:test";
import type { GatewayProcess } from "../../../../scripts/cluster/gateway-process.ts";
import { NATS, Stand } from "../cluster/faults/stand.ts";
import { until } from "../support/until.ts";
import type { CrashClient } from "./crash/crash-client.ts";
import { MqttTestClient, tcp } from "./support/client.ts";
import { durable } from "./support/node.ts";
import { CrashPublisher } from "./crash/publisher.ts";
import { CrashSubscriber } from "./crash/subscriber.ts";

const ROUNDS = Number(process.env["CLUSTER_CRASH_ROUNDS"] ?? 4);
/** Messages under way to a client: as many may come again for each member of a group on a gateway that is killed. */
const INFLIGHT = 50;

const VARIABLES = {
  MQTT_SYS_INTERVAL: "0",
  MQTT_MAX_INFLIGHT: `${INFLIGHT}`,
  NAMESPACE_DEFAULTS_HISTORY_SIZE: "1000000",
  NAMESPACE_DEFAULTS_MESSAGE_ID_WINDOW: "10m",
};

test.skipIf(NATS === undefined)(
  `M157 ${ROUNDS} rounds of kill -9 of a gateway: QoS 2 comes exactly once, QoS 1 loses nothing, a shared group has each message, wills come once`,
  async () => {
    await using stand = await Stand.start({ variables: VARIABLES });
    const load = new Load(stand.cluster.gateways);
    await load.begin();
    let onVictims = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const acks = load.acked + 200 + Math.random() * 200;
      await until(() => load.acked >= acks || load.faults.length > 0);
      // Somebody moves without having gone: it takes its session over from a gateway that still has its connection.
      await load.moveOne();
      const victim = stand.cluster.gateways[round % 3]!;
      onVictims += load.crew.filter((member) => load.placeOf(member) === victim).length;
      await load.mourn(victim, round + 1);
      await victim.kill();
      await load.flee(victim);
      await victim.start();
      await until(() => stand.cluster.pool.ready.length === 3);
    }
    const repeats = await load.end();
    expect(load.faults).toEqual([]);
    expect(repeats).toBeLessThanOrEqual(onVictims * INFLIGHT);
    console.log(`cluster crash test: ${load.acked} messages, ${repeats} came again to the shared group`);
  },
  180_000,
);

/** Publishers, subscribers and the members of a shared group, spread over the gateways. */
class Load {
  readonly #gateways: readonly GatewayProcess[];
  readonly #places = new Map<CrashClient, GatewayProcess>();
  acked = 0;
  readonly publishers = ["a", "b", "c"].map((id, n) => {
    const acked = (): void => void (this.acked += 1);
    return new CrashPublisher(id, { version: 5, qos: 2, topic: `work/${n}`, acked });
  });
  readonly subscribers = [
    new CrashSubscriber("exact", 5, { "work/#": 2 }),
    new CrashSubscriber("older", 4, { "work/+": 2 }),
    new CrashSubscriber("loose", 5, { "work/#": 1 }),
  ];
  readonly crew = Array.from({ length: 6 }, (_, n) => new CrashSubscriber(`crew${n}`, 5, { "$share/crew/work/#": 1 }));
  readonly #seer = new CrashSubscriber("seer", 5, { "wills/#": 2 });
  readonly #wills: number[] = [];
  readonly #faults: string[] = [];

  constructor(gateways: readonly GatewayProcess[]) {
    this.#gateways = gateways;
  }

  get faults(): readonly string[] {
    return [...this.#clients.flatMap(({ faults }) => faults), ...this.#faults];
  }

  get #clients(): readonly CrashClient[] {
    return [this.#seer, ...this.subscribers, ...this.crew, ...this.publishers];
  }

  placeOf(client: CrashClient): GatewayProcess | undefined {
    return this.#places.get(client);
  }

  async begin(): Promise<void> {
    for (const [n, subscriber] of [this.#seer, ...this.subscribers, ...this.crew].entries()) {
      const granted = subscriber.granted();
      await this.#connect(subscriber, this.#gateways[n % 3]!);
      await granted;
    }
    for (const [n, publisher] of this.publishers.entries()) await this.#connect(publisher, this.#gateways[n % 3]!);
  }

  async moveOne(): Promise<void> {
    const client = this.#clients[Math.floor(Math.random() * this.#clients.length)]!;
    await this.#connect(client, this.#other(this.placeOf(client)));
  }

  /** Somebody who has left a will on a gateway, and does not come back. */
  async mourn(victim: GatewayProcess, round: number): Promise<void> {
    const client = await MqttTestClient.open(tcp(victim.mqtt ?? 0));
    const will = { topic: "wills/x", payload: Buffer.from(`will-${round}`), qos: 1 } as const;
    await client.connect({ ...durable(`mourner-${round}`, 5), will });
    this.#wills.push(round);
  }

  /** Those of a gateway that is gone go to the others. */
  async flee(victim: GatewayProcess): Promise<void> {
    const lost = this.#clients.filter((client) => this.placeOf(client) === victim);
    await Promise.all(lost.map((client) => this.#connect(client, this.#other(victim))));
  }

  /** Everything that was published has arrived. Returns how many messages came to the group more than once. */
  async end(): Promise<number> {
    for (const publisher of this.publishers) await publisher.finish();
    for (const { id, published } of this.publishers) {
      for (const subscriber of this.subscribers) {
        await subscriber.reach(id, published);
        const numbers = subscriber.seen.get(id) ?? [];
        this.#check(
          `${subscriber.id} of ${id}`,
          subscriber.id === "loose" ? [...new Set(numbers)] : numbers,
          published,
        );
      }
      await until(() => new Set(this.#crewOf(id)).size >= published);
    }
    await until(() => (this.#seer.seen.get("will")?.length ?? 0) >= this.#wills.length);
    const wills = this.#seer.seen
      .get("will")
      ?.toSorted((a, b) => a - b)
      .join();
    if (wills !== this.#wills.join()) this.#faults.push(`wills: ${wills}`);
    return this.publishers.reduce((sum, { id, published }) => sum + this.#crewOf(id).length - published, 0);
  }

  #crewOf(publisher: string): readonly number[] {
    return this.crew.flatMap(({ seen }) => seen.get(publisher) ?? []);
  }

  /** The numbers are 1 to `last`, each once, in this order. */
  #check(what: string, numbers: readonly number[], last: number): void {
    const wrong = numbers.findIndex((number, index) => number !== index + 1);
    if (wrong >= 0) this.#faults.push(`${what}: ${numbers.slice(Math.max(0, wrong - 3), wrong + 5).join(" ")}`);
    if (numbers.length !== last) this.#faults.push(`${what}: ${numbers.length} of ${last}`);
  }

  #other(gateway: GatewayProcess | undefined): GatewayProcess {
    const others = this.#gateways.filter((each) => each !== gateway);
    return others[Math.floor(Math.random() * others.length)]!;
  }

  async #connect(client: CrashClient, gateway: GatewayProcess): Promise<void> {
    this.#places.set(client, gateway);
    await client.connect(gateway.mqtt ?? 0);
  }
}
