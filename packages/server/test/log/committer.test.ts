import { describe, expect, test } from "bun:test";
import { Committer } from "../../src/adapters/sqlite/committer.ts";
import { errorName, message } from "./fixture.ts";

/** A committer whose syncs end when the test says so. */
function fake() {
  const syncs: { resolve: () => void; reject: (error: Error) => void }[] = [];
  let committed = 0;
  const committer = new Committer({
    writer: {
      get committed() {
        return committed;
      },
      store: (appends) => ({
        results: appends.map((messages) =>
          messages.map(() => ({ stored: { offset: ++committed, previous: 0 }, duplicate: false })),
        ),
        stored: appends.flat().map((one, i) => ({ message: one, offset: committed - i, previous: 0 })),
        bytes: 0,
      }),
    },
    recent: { add: () => {} },
    checkpointer: { held: undefined, committed: () => {} },
    sync: { run: () => new Promise((resolve, reject) => void syncs.push({ resolve, reject })) },
  });
  return { committer, syncs };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("sqlite log: group commit with syncs", () => {
  test("L53 commits that come while a sync is under way share the next, and are told only after it", async () => {
    const { committer, syncs } = fake();
    const told: string[] = [];
    const append = (name: string): Promise<unknown> =>
      committer.append([message("a", name)]).then(() => told.push(name));
    const appends = [append("1")];
    await turn();
    for (const name of ["2", "3", "4"]) {
      appends.push(append(name));
      await turn();
    }
    expect([syncs.length, committer.head, told]).toEqual([1, 0, []]);
    syncs[0]?.resolve();
    await turn();
    expect([syncs.length, committer.head, told]).toEqual([2, 1, ["1"]]);
    syncs[1]?.resolve();
    await Promise.all(appends);
    expect([syncs.length, committer.head, told]).toEqual([2, 4, ["1", "2", "3", "4"]]);
  });

  test("L56 after a failed sync nothing is acknowledged any more, and the tail hears nothing of it", async () => {
    const { committer, syncs } = fake();
    let heard = 0;
    committer.tail({ messages: (batch) => void (heard += batch.length) });
    const first = errorName(committer.append([message("a", "1")]));
    await turn();
    const second = errorName(committer.append([message("a", "2")]));
    await turn();
    syncs[0]?.reject(new Error("EIO"));
    expect(await first).toBe("LogUnavailable");
    expect(await second).toBe("LogUnavailable");
    expect(await errorName(committer.append([message("a", "3")]))).toBe("LogUnavailable");
    await committer.idle();
    expect([committer.head, heard, syncs.length]).toEqual([0, 0, 1]);
  });
});
