import { describe, expect, test } from "bun:test";
import { Stage } from "../session/stage.ts";

const TOPIC = "chat/room";

/** Two who see each other; the first is about to close its connection itself. */
async function pair(draining: boolean) {
  const stage = new Stage({ defaults: { presence: { enabled: true, grace: 3000, maxMembers: 10 } } });
  const [ann, bob] = [await stage.connected("ann"), await stage.connected("bob")];
  for (const client of [ann, bob]) client.do({ subscribe: { topic: TOPIC, presence: {} } });
  await stage.advance(500);
  stage.draining = draining;
  const leaves = () => bob.pushes<"join" | "leave">("leave").flatMap(({ members }) => members.map(({ user }) => user));
  return { stage, ann, leaves };
}

describe("a client that closes its connection", () => {
  test("P4 leaves at once", async () => {
    const { stage, ann, leaves } = await pair(false);
    ann.session.closed(true);
    await stage.settle();
    expect(leaves()).toEqual(["ann"]);
  });

  test("P56 has its grace time while the gateway drains", async () => {
    const { stage, ann, leaves } = await pair(true);
    ann.session.closed(true);
    await stage.advance(2999);
    expect(leaves()).toEqual([]);
    await stage.advance(1);
    expect(leaves()).toEqual(["ann"]);
  });

  test("P56 who unsubscribes meanwhile leaves at once all the same", async () => {
    const { stage, ann, leaves } = await pair(true);
    ann.do({ unsubscribe: { topic: TOPIC } });
    await stage.settle();
    expect(leaves()).toEqual(["ann"]);
  });
});
