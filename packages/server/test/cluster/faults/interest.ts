import { Client } from "@tidegate/client";
import { until } from "../../support/until.ts";
import { metricOf } from "./metric.ts";
import { Stand } from "./stand.ts";
import { Traffic, type Sent } from "./traffic.ts";

export interface InterestLoad {
  /** Gateways' worth of topics, and how many each has. They are at the gateways besides the first one. */
  readonly worth: number;
  readonly topicsEach: number;
  readonly messages: number;
}

export interface InterestReport {
  /** Messages that the only subscriber of their topic got; it is at the first gateway. */
  readonly received: number;
  /** What NATS sent to each gateway while they went out. */
  readonly sent: readonly Sent[];
  /** The same over a time as long without any. */
  readonly quiet: readonly Sent[];
  /** Messages that each gateway got from its log meanwhile, as its metrics say. */
  readonly taken: readonly number[];
}

const TOPIC = "only/here";
/** Subscriptions of one connection. */
const MOST = 1000;
/** Publishes under way. */
const SIDE_BY_SIDE = 20;

/** Publishes to a topic that one gateway's client is subscribed to, and counts what reaches the others, which have many topics. */
export async function interest({ worth, topicsEach, messages }: InterestLoad): Promise<InterestReport> {
  const traffic = new Traffic(3);
  await using stand = await Stand.start({ natsConfig: traffic.config, natsFor: traffic.urlOf });
  const { gateways, nats } = stand.cluster;
  const [first, ...others] = gateways;
  if (first === undefined) throw new Error("no gateway");
  const clients = await subscribeAll(
    others.map(({ http }) => ws(http)),
    worth * topicsEach,
  );
  const reader = new Client(ws(first.http)).connect();
  let received = 0;
  await reader.subscribe(TOPIC, {}, () => (received += 1)).ready;
  const before = await Promise.all(gateways.map(({ url }) => metricOf(url, METRIC)));
  const counting = await traffic.count(nats.monitor);
  const start = performance.now();
  await publish(first.url, messages);
  await until(() => received >= messages);
  const span = performance.now() - start;
  const sent = await counting();
  const after = await Promise.all(gateways.map(({ url }) => metricOf(url, METRIC)));
  const idling = await traffic.count(nats.monitor);
  await Bun.sleep(span);
  const quiet = await idling();
  await Promise.all([reader, ...clients].map((client) => client.close()));
  return { received, sent, quiet, taken: after.map((count, i) => (count ?? Number.NaN) - (before[i] ?? 0)) };
}

const METRIC = "tidegate_log_received_total";

function ws(port: number): string {
  return `ws://127.0.0.1:${port}/ws`;
}

async function subscribeAll(urls: readonly string[], topics: number): Promise<readonly Client[]> {
  const clients: Client[] = [];
  for (let n = 0; n < topics; n += MOST) {
    const client = new Client(urls[clients.length % urls.length] ?? "").connect();
    clients.push(client);
    const many = Array.from({ length: Math.min(MOST, topics - n) }, (_, k) => `others/${n + k}`);
    await Promise.all(many.map((topic) => client.subscribe(topic).ready));
  }
  return clients;
}

async function publish(url: string, messages: number): Promise<void> {
  let left = messages;
  const one = async (): Promise<void> => {
    while (left-- > 0) {
      const body = JSON.stringify({ topic: TOPIC, data: left });
      const headers = { "content-type": "application/json" };
      const answer = await fetch(`${url}/v1/publish`, { method: "POST", headers, body });
      if (!answer.ok) throw new Error(await answer.text());
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, one));
}
