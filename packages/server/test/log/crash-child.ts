import { openSqliteLog } from "../../src/adapters/sqlite/log.ts";
import { systemClock } from "../../src/clock.ts";
import { KEEP_ALL, message } from "./fixture.ts";

/** Appends without end and says on stdout what was acknowledged, until it is killed. Arguments: path, durability, round. */
const [path = "", durability = "process", round = ""] = process.argv.slice(2);

const log = await openSqliteLog({
  path,
  durability: durability === "power" ? "power" : "process",
  clock: systemClock,
  randomId: () => crypto.randomUUID(),
  retention: () => KEEP_ALL,
  maxBytes: 1 << 30,
  warn: (text) => console.error(text),
  checkpoint: 1 << 19,
  bootId: "boot-1",
});

for (let i = 0; ; i++) {
  await Promise.all([appendSome(`${i}-a`), appendSome(`${i}-b`)]);
  await new Promise<void>((resolve) => systemClock.endOfTurn(resolve));
}

async function appendSome(name: string): Promise<void> {
  const ids = Array.from({ length: 20 }, (_, k) => `${round}-${name}-${k}`);
  const results = await log.append(ids.map((id, k) => message(`t/${k % 5}`, id, { id })));
  // One write for each append: the parent sees a whole line or none.
  process.stdout.write(results.map((result, k) => `${ids[k]} ${result.stored.offset}`).join("\n") + "\n");
}
