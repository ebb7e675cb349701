import { describe, expect, test } from "bun:test";
import { errorOf, publish, startNode } from "./harness.ts";

interface HistoryBody {
  readonly epoch: string;
  readonly messages: readonly { readonly offset: number; readonly text: string }[];
  readonly more: boolean;
  readonly complete: boolean;
}

const node = await startNode({
  change: (options) => ({
    ...options,
    namespaces: new Map([
      ["short", { ...options.namespaceDefaults, history: { size: 2, age: 3_600_000 } }],
      ["alone", { ...options.namespaceDefaults, presence: { ...options.namespaceDefaults.presence, enabled: false } }],
    ]),
  }),
});

async function history(query: string): Promise<HistoryBody> {
  const response = await fetch(`${node.url}/v1/history?${query}`);
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as HistoryBody;
}

const texts = ({ messages }: HistoryBody): string => messages.map((each) => each.text).join("");

describe("history", () => {
  test("H20 pages both ways", async () => {
    const at: number[] = [];
    for (const text of ["a", "b", "c", "d"]) at.push((await publish(node, { topic: "chat/h20", text })).offset);
    const newest = await history("topic=chat/h20&limit=2");
    expect([texts(newest), newest.more, newest.complete]).toEqual(["cd", true, true]);
    const before = await history(`topic=chat/h20&limit=2&before=${at[2]}`);
    expect([texts(before), before.more]).toEqual(["ab", false]);
    const after = await history(`topic=chat/h20&limit=2&after=${newest.epoch}:${at[0]}`);
    expect([texts(after), after.more]).toEqual(["bc", true]);
    expect(texts(await history("topic=chat/h20"))).toBe("abcd");
  });

  test("H21 another epoch is not complete", async () => {
    await publish(node, { topic: "chat/h21", text: "a" });
    const { complete, messages } = await history("topic=chat/h21&after=another:with:colons:7");
    expect([complete, messages.length]).toEqual([false, 1]);
  });

  test("H21 what retention removed is not complete", async () => {
    const first = await publish(node, { topic: "short/h21", text: "a" });
    for (const text of ["b", "c", "d"]) await publish(node, { topic: "short/h21", text });
    await node.gateway.streams.trim();
    const page = await history(`topic=short/h21&after=${first.epoch}:${first.offset}`);
    expect([texts(page), page.complete]).toEqual(["cd", false]);
  });
});

describe("presence", () => {
  test("H22 members or only their number", async () => {
    const settings = { grace: 0, maxMembers: 10 };
    node.gateway.services.presence.enter("chat/h22", "s1", { user: "alice", info: '{"a":1}' }, settings);
    const url = `${node.url}/v1/presence?topic=chat/h22`;
    expect(await (await fetch(url)).json()).toEqual({ count: 1, members: [{ user: "alice", info: { a: 1 } }] });
    expect(await (await fetch(`${url}&count=true`)).json()).toEqual({ count: 1 });
    expect(await (await fetch(`${url}&count=false`)).json()).toHaveProperty("members");
    expect((await errorOf(await fetch(`${url}&count=yes`))).message).toContain("presence.count");
  });

  test("H22 a namespace may have none", async () => {
    const response = await fetch(`${node.url}/v1/presence?topic=alone/a`);
    expect([response.status, (await errorOf(response)).reason]).toEqual([409, "not_enabled"]);
  });
});
