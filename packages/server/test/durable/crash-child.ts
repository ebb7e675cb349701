import { openSqliteSessionStore } from "../../src/adapters/sqlite/session-store.ts";
import { systemClock } from "../../src/clock.ts";
import { changesOf, SESSIONS, stepOf } from "./crash-steps.ts";

/** Writes without end and says on stdout what was resolved, until it is killed. Arguments: path, durability. */
const [path = "", durability = "process"] = process.argv.slice(2);

const store = await openSqliteSessionStore({
  path,
  durability: durability === "power" ? "power" : "process",
  clock: systemClock,
  warn: (text) => console.error(text),
  checkpoint: 1 << 18,
});

await Promise.all(SESSIONS.map(run));

/** Two writes of a session are under way at any time. */
async function run(id: string): Promise<void> {
  let before = Promise.resolve();
  for (let step = stepOf(await store.load(id)) + 1; ; step++) {
    const written = store.write(id, changesOf(step)).then(() => void process.stdout.write(`${id} ${step}\n`));
    await before;
    before = written;
  }
}
