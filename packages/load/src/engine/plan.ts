import type { PopulationSpec, Protocol, PublishSpec, Scenario, SubscribeSpec } from "../scenario-file/table.ts";
import { MAX_PUBLISHERS } from "../wire/mark.ts";

/** A publisher's messages to one topic: they have numbers without a gap. Streams of a topic stand side by side. */
export interface TopicPlan {
  readonly name: string;
  firstStream: number;
  streams: number;
}

/** What the clients of a population subscribe to or publish to: entry `client * each + k`. */
export interface TopicUse {
  readonly each: number;
  readonly topics: Uint32Array;
}

export interface PopulationPlan {
  readonly index: number;
  /** Clients of the populations before it. */
  readonly first: number;
  readonly spec: PopulationSpec;
  readonly protocol: Protocol;
  readonly urls: readonly string[];
  readonly subscribes: TopicUse | undefined;
  readonly publishes: (TopicUse & { readonly streams: Uint32Array }) | undefined;
}

/** Who connects, listens and publishes. Every agent makes the same one from the same scenario and takes its part. */
export interface Plan {
  readonly scenario: Scenario;
  readonly topics: readonly TopicPlan[];
  readonly streams: number;
  /** Whether anybody subscribes: else the latency of a phase is that of acknowledgements. */
  readonly hears: boolean;
  readonly populations: readonly PopulationPlan[];
}

/** Throws a RangeError if there are more publishers of topics than marks can tell apart. */
export function makePlan(scenario: Scenario): Plan {
  const topics = new Topics();
  const populations = scenario.populations.map((spec, index) => ({
    index,
    first: scenario.populations.slice(0, index).reduce((sum, { count }) => sum + count, 0),
    spec,
    protocol: spec.protocol ?? scenario.target.protocol,
    urls: spec.urls ?? scenario.target.urls,
    subscribes: spec.subscribe === undefined ? undefined : topics.use(spec.subscribe, spec.count),
    publishes: spec.publish === undefined ? undefined : publishing(topics, spec.publish, spec.count),
  }));
  const streams = topics.number();
  if (streams >= MAX_PUBLISHERS)
    throw new RangeError(`${streams} pairs of a publisher and a topic are more than ${MAX_PUBLISHERS}`);
  for (const { publishes } of populations) if (publishes !== undefined) topics.assign(publishes);
  const hears = populations.some(({ subscribes }) => subscribes !== undefined);
  return { scenario, topics: topics.list, streams, hears, populations };
}

function publishing(topics: Topics, spec: PublishSpec, count: number): TopicUse & { readonly streams: Uint32Array } {
  const use = topics.use(spec, count);
  for (const topic of use.topics) topics.list[topic]!.streams += 1;
  return { ...use, streams: new Uint32Array(use.topics.length) };
}

/** Gives topics their numbers, and their publishers'. */
class Topics {
  readonly list: TopicPlan[] = [];
  readonly #numbers = new Map<string, number>();

  use({ topic, rooms, each }: Pick<SubscribeSpec, "topic" | "rooms" | "each">, count: number): TopicUse {
    const width = each === 0 ? rooms : Math.min(each, rooms);
    const topics = new Uint32Array(count * width);
    for (let at = 0; at < topics.length; at++) {
      const client = Math.floor(at / width);
      topics[at] = this.#number(topicName(topic, (client + (at % width)) % rooms, client));
    }
    return { each: width, topics };
  }

  /** Puts the streams of each topic side by side; returns how many there are. */
  number(): number {
    let first = 0;
    for (const topic of this.list) {
      topic.firstStream = first;
      first += topic.streams;
      topic.streams = 0;
    }
    return first;
  }

  assign({ topics, streams }: TopicUse & { readonly streams: Uint32Array }): void {
    for (const [at, number] of topics.entries()) {
      const topic = this.list[number]!;
      streams[at] = topic.firstStream + topic.streams++;
    }
  }

  #number(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    this.#numbers.set(name, this.list.length);
    return this.list.push({ name, firstStream: 0, streams: 0 }) - 1;
  }
}

function topicName(template: string, room: number, client: number): string {
  return template.replaceAll("{room}", String(room)).replaceAll("{client}", String(client));
}
