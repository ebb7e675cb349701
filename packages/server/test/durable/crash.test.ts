import { afterAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { SESSIONS, sessionAfter, stepOf } from "./crash-steps.ts";
import { linesOfKilled } from "../support/killed-child.ts";
import { TempStores } from "./temp-stores.ts";

const CHILD = join(import.meta.dir, "crash-child.ts");

const temp = new TempStores();
afterAll(() => temp.remove());

/** The last step of each session that was resolved. */
type Resolved = Map<string, number>;

/** Opens what the crash left: every session is whole, and at the step that was resolved last or after it. */
async function verify(path: string, resolved: Resolved): Promise<void> {
  const store = await temp.open({ path });
  for (const id of SESSIONS) {
    const session = await store.load(id);
    expect(session).toEqual(sessionAfter(stepOf(session)));
    expect(stepOf(session)).toBeGreaterThanOrEqual(resolved.get(id) ?? 0);
  }
  await store.close();
}

describe.each(["process", "power"] as const)("sqlite sessions, %s: kill -9", (durability) => {
  test("DS35 over 10 kills every resolved write is there, and every session whole", async () => {
    const path = temp.path();
    const resolved: Resolved = new Map();
    for (let round = 0; round < 10; round++) {
      const writes = 1 + Math.floor(Math.random() * 3000);
      for (const [id = "", step] of await linesOfKilled(CHILD, [path, durability], writes))
        resolved.set(id, Number(step));
      await verify(path, resolved);
    }
  }, 120_000);
});
