import { until } from "../../support/until.ts";
import { Crowd, topicOf } from "./crowd.ts";
import { HttpPublisher } from "./http-publisher.ts";
import { Ledger } from "./ledger.ts";
import { Stand, type StandOptions } from "./stand.ts";

export interface SceneLoad {
  readonly members: number;
  /** Messages a second of the members together. Over HTTP come some more, of one publisher for each topic. */
  readonly rate: number;
}

export interface SceneReport {
  readonly faults: readonly string[];
  readonly acknowledged: number;
  readonly delivered: number;
  /** Publishes over HTTP that were told to come again. */
  readonly refused: number;
  /** Connections that were lost. */
  readonly lost: number;
}

/** Milliseconds that clients may take to be whole again before the run is given up. */
export const PATIENCE = 30_000;

/** A cluster under load: SDK clients that talk, and publishers over HTTP that see every answer. */
export class Scene {
  readonly ledger = new Ledger();
  readonly stand: Stand;
  readonly crowd: Crowd;
  readonly publishers: readonly HttpPublisher[];

  static async open(load: SceneLoad, options: StandOptions = {}): Promise<Scene> {
    const scene = new Scene(load, await Stand.start(options));
    await scene.crowd.gather();
    scene.crowd.talk();
    for (const publisher of scene.publishers) publisher.start();
    await until(() => scene.ledger.acknowledged > load.members);
    return scene;
  }

  private constructor({ members, rate }: SceneLoad, stand: Stand) {
    this.stand = stand;
    const { ledger } = this;
    const topics = Math.ceil(members / 6);
    // What was refused while NATS was away would else come up to 20 s after its return, and a run would wait for it.
    const client = { backoff: { max: 2000 } };
    this.crowd = new Crowd({ url: stand.cluster.ws, ledger, members, topics, each: 2, rate, client });
    this.publishers = Array.from(
      { length: topics },
      (_, n) => new HttpPublisher({ name: `h${n}`, topic: topicOf(n), ledger, urlOf: () => stand.cluster.url }),
    );
  }

  /**
   * Milliseconds from now until each client has, of each of its topics, a message that was published and acknowledged after now, and so
   * all before it.
   */
  async wholeAgain(): Promise<readonly number[]> {
    const start = performance.now();
    const { crowd, publishers } = this;
    const goals = new Map<string, number>();
    const times = new Map<string, number>();
    for (const publisher of publishers)
      void publisher.nextAck().then((offset) => void goals.set(publisher.topic, offset));
    await until(() => {
      for (const { name, readers } of crowd.members)
        if (!times.has(name) && readers.every(({ topic, newest }) => newest >= (goals.get(topic) ?? Infinity)))
          times.set(name, performance.now() - start);
      return times.size === crowd.members.length || performance.now() - start > PATIENCE;
    });
    const left = crowd.members.length - times.size;
    if (left > 0) this.ledger.fault(`${left} clients were not whole within ${PATIENCE} ms`);
    return [...times.values()];
  }

  /** Ends the load and says what came of it, when all of it is answered and has come to everybody. */
  async close(): Promise<SceneReport> {
    const { ledger, crowd, publishers } = this;
    await Promise.all(publishers.map((publisher) => publisher.finish()));
    await crowd.rest();
    const lost = crowd.members.reduce((sum, member) => sum + member.lost, 0);
    await crowd.leave();
    const refused = publishers.reduce((sum, publisher) => sum + publisher.refused, 0);
    return { faults: ledger.faults, acknowledged: ledger.acknowledged, delivered: ledger.delivered, refused, lost };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const publisher of this.publishers) publisher.giveUp();
    await this.crowd.leave();
    await this.stand[Symbol.asyncDispose]();
  }
}
