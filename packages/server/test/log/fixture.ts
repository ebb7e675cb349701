import { Payload, type Message, type Stored } from "@tidegate/protocol";
import type { Log, Page, Retention } from "../../src/log/log.ts";

export const MINUTE = 60_000;

/** Keeps all of what a test stores. */
export const KEEP_ALL: Retention = { size: 1_000_000, age: 1_000 * MINUTE, idWindow: 2 * MINUTE };

export function message(topic: string, text: string, fields: Partial<Message> = {}): Message {
  return {
    topic,
    payload: Payload.text(text),
    id: undefined,
    from: undefined,
    time: 1_700_000_000_000,
    priority: 1,
    headers: undefined,
    retain: false,
    origin: "server",
    ...fields,
  };
}

/** `count` messages with the texts "1", "2" … on a topic. */
export function numbered(topic: string, count: number, first = 1): Message[] {
  return Array.from({ length: count }, (_, i) => message(topic, String(first + i)));
}

export function texts(found: Page | readonly Stored[]): string[] {
  const messages = "messages" in found ? found.messages : found;
  return messages.map((stored) => stored.message.payload.text);
}

/** Every page of a filter, one after the other. */
export async function readAll(
  log: Log,
  filter: string,
  limit = 100,
): Promise<{ messages: Stored[]; complete: boolean }> {
  const messages: Stored[] = [];
  let complete = true;
  for (let after = 0; ;) {
    const page = await log.read({ filter, after, limit });
    messages.push(...page.messages);
    complete &&= page.complete;
    if (!page.more) return { messages, complete };
    after = page.next;
  }
}

/** What fails, as its name: for `expect`. */
export async function errorName(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "no error",
    (error: unknown) => (error as Error).name,
  );
}
