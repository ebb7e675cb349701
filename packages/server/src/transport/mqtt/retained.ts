import type { Stored } from "@tidegate/protocol";
import type { RetainedPage } from "../../log/log.ts";
import type { MqttClient } from "./client.ts";
import type { MqttContext } from "./context.ts";
import { streamsOf } from "./cursor.ts";
import type { ActiveSubscription, StartAt } from "./subscription.ts";

/** Retained values that are in memory for one client at a time, and their bytes. */
const PAGE = { limit: 500, maxBytes: 1024 * 1024 };

/** A subscription that is given retained values before it goes on with what is live. */
export interface Recipient extends ActiveSubscription {
  /** Takes nothing live until `release`. */
  hold(): void;
  release(): void;
  /** Whether the client has room for a value. */
  readonly takesValues: boolean;
  value(stored: Stored): void;
}

interface Request {
  readonly recipient: Recipient;
  /** Where each log stood: what is newer comes live. */
  readonly since: StartAt;
}

/** Gives new subscriptions the retained values of their topics: to each client one page after another, as it takes them. */
export class RetainedValues {
  readonly #context: () => MqttContext;
  /** Of clients that are being given some: who is to be next, by filter. */
  readonly #waiting = new WeakMap<MqttClient, Map<string, Request>>();

  constructor(context: () => MqttContext) {
    this.#context = context;
  }

  /** A subscription that is being given them is given them once more. */
  give(client: MqttClient, recipient: Recipient, since: StartAt): void {
    const request = { recipient, since };
    const waiting = this.#waiting.get(client);
    if (waiting !== undefined) return void waiting.set(recipient.filter, request);
    const requests = new Map([[recipient.filter, request]]);
    this.#waiting.set(client, requests);
    this.#giveAll(client, requests).catch((error: unknown) => client.failed(error, "reading retained values"));
  }

  /** Those that come meanwhile are at the end of the map. */
  async #giveAll(client: MqttClient, requests: Map<string, Request>): Promise<void> {
    for (const [filter, request] of requests) {
      requests.delete(filter);
      await this.#giveOne(client, request);
    }
    this.#waiting.delete(client);
  }

  async #giveOne(client: MqttClient, { recipient, since }: Request): Promise<void> {
    const { filter } = recipient;
    if (!isThere(client, recipient)) return;
    recipient.hold();
    for (const { log } of streamsOf(this.#context(), filter))
      for (let after: number | undefined = 0; after !== undefined;) {
        const page: RetainedPage = await log.retainedPage({ filter, after, ...PAGE });
        const values = page.values.filter(({ offset }) => offset <= (since.get(log.epoch) ?? 0));
        if (!(await handOver(client, recipient, values))) return;
        after = page.next;
      }
    recipient.release();
  }
}

/** False if the client does not want them any more. */
async function handOver(client: MqttClient, recipient: Recipient, values: readonly Stored[]): Promise<boolean> {
  let isWanted = isThere(client, recipient);
  for (let i = 0; i < values.length && isWanted;)
    if (recipient.takesValues) recipient.value(values[i++]!);
    else {
      await new Promise<void>((pump) => client.hungry.add({ pump }));
      isWanted = isThere(client, recipient);
    }
  return isWanted;
}

function isThere(client: MqttClient, recipient: Recipient): boolean {
  return client.phase === "open" && client.state.find(recipient.filter) === recipient;
}
