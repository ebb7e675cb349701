import { describe, expect, test } from "bun:test";
import { Stage, type StageSettings } from "./stage.ts";

const topic = "chat/a";

async function stored(count: number, text = "x", settings: StageSettings = {}) {
  const stage = new Stage(settings);
  const client = await stage.connected();
  for (let n = 0; n < count; n++) client.do({ publish: { topic, text } });
  await stage.settle();
  const ask = async (more: object) => {
    client.do({ history: { topic, ...more } });
    await stage.settle();
    const { messages, ...rest } = client.reply("history");
    return { ...rest, offsets: messages.map(({ offset }) => offset) };
  };
  return { stage, client, ask };
}

const numbers = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, n) => first + n);

describe("history", () => {
  test("S60 gives the newest, those before an offset, or those after a position, oldest first", async () => {
    const { ask } = await stored(250);
    expect(await ask({})).toMatchObject({ offsets: numbers(151, 250), more: true, complete: true, epoch: "e1" });
    expect(await ask({ limit: 3 })).toMatchObject({ offsets: [248, 249, 250], more: true });
    expect(await ask({ limit: 220 })).toMatchObject({ offsets: numbers(31, 250), more: true });
    expect(await ask({ limit: 1000 })).toMatchObject({ offsets: numbers(1, 250), more: false, complete: true });
    expect(await ask({ before: 3 })).toMatchObject({ offsets: [1, 2], more: false });
    const after = (offset: number) => ({ after: { epoch: "e1", offset } });
    expect(await ask({ ...after(10), limit: 2 })).toMatchObject({ offsets: [11, 12], more: true, complete: true });
    expect(await ask(after(250))).toMatchObject({ offsets: [], more: false, complete: true });
  });

  test("S60 another epoch, and what retention removed, is not complete", async () => {
    const { ask } = await stored(5, "x", { defaults: { history: { size: 2, age: 1e9 } } });
    expect(await ask({ after: { epoch: "old", offset: 4 } })).toMatchObject({ offsets: [4, 5], complete: false });
    expect(await ask({ after: { epoch: "e1", offset: 1 } })).toMatchObject({ offsets: [4, 5], complete: false });
    expect(await ask({ after: { epoch: "e1", offset: 3 } })).toMatchObject({ offsets: [4, 5], complete: true });
    expect(await ask({ limit: 2 })).toMatchObject({ offsets: [4, 5], complete: true });
    expect(await ask({ limit: 3 })).toMatchObject({ offsets: [4, 5], complete: false });
  });

  test("S61 an answer holds about a megabyte, however large the messages are, and paging gives them all", async () => {
    const { ask } = await stored(300, "x".repeat(30_000), { appender: { queueBytes: 1e9 } });
    const page = await ask({ limit: 1000 });
    expect(page.more).toBe(true);
    expect(page.offsets.length).toBe(Math.floor((1024 * 1024) / 30_000));
    const seen = [...page.offsets];
    for (let { more } = page; more;) {
      const older = await ask({ limit: 1000, before: seen[0] });
      seen.unshift(...older.offsets);
      more = older.more;
    }
    expect(seen).toEqual(numbers(1, 300));
    const after = await ask({ after: { epoch: "e1", offset: 0 }, limit: 1000 });
    expect(after).toMatchObject({ offsets: numbers(1, 35), more: true });
  });

  test("S62 needs the permission to subscribe, and a log that can be read", async () => {
    const { stage, client } = await stored(1);
    client.do({ history: { topic: "secret/a" } });
    expect(client.error).toBe("forbidden");
    stage.log.failReads();
    client.do({ history: { topic } });
    await stage.settle();
    expect(client.error).toBe("unavailable");
    expect(client.session.state.kind).toBe("open");
  });
});

describe("presence", () => {
  test("S63 lists members up to the namespace's number, and counts all", async () => {
    const stage = new Stage({ defaults: { presence: { enabled: true, grace: 0, maxMembers: 2 } } });
    for (const user of ["ann", "bob", "cem"])
      (await stage.connected(user)).do({ subscribe: { topic, presence: { from: user } } });
    const client = await stage.connected();
    client.do({ presence: { topic } });
    await stage.settle();
    const { count, members } = client.reply("presence");
    expect([count, members?.length]).toEqual([3, 2]);
    client.do({ presence: { topic, count: true } });
    await stage.settle();
    expect(client.reply("presence")).toEqual({ kind: "presence", count: 3, members: undefined });
  });

  test("S62 S63 is refused where it is not allowed or not there", async () => {
    const presence = { enabled: false, grace: 0, maxMembers: 2 };
    const client = await new Stage({ defaults: { presence } }).connected();
    client.do({ presence: { topic } });
    expect(client.error).toBe("not_enabled");
    client.do({ presence: { topic: "secret/a" } });
    expect(client.error).toBe("forbidden");
  });
});
