import { afterAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { SESSIONS, sessionAfter, stepOf } from "./crash-steps.ts";
import { TempStores } from "./temp-stores.ts";

const temp = new TempStores();
afterAll(() => temp.remove());

/** The last step of each session that was resolved. */
type Resolved = Map<string, number>;

/** Runs the child until it has resolved so many writes, then kills it at once. */
async function runAndKill(args: readonly string[], writes: number, into: Resolved): Promise<void> {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "crash-child.ts"), ...args], {
    stdout: "pipe",
    stderr: "inherit",
  });
  let text = "";
  let seen = 0;
  const decoder = new TextDecoder();
  for await (const chunk of child.stdout) {
    const piece = decoder.decode(chunk, { stream: true });
    text += piece;
    seen += piece.split("\n").length - 1;
    if (seen >= writes) child.kill("SIGKILL");
  }
  await child.exited;
  expect(seen).toBeGreaterThanOrEqual(writes);
  for (const line of text.split("\n").slice(0, -1)) {
    const [id = "", step] = line.split(" ");
    into.set(id, Number(step));
  }
}

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
      await runAndKill([path, durability], 1 + Math.floor(Math.random() * 3000), resolved);
      await verify(path, resolved);
    }
  }, 120_000);
});
