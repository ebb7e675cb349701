import { expect, test } from "bun:test";
import { RandomSession } from "./support/random-session.ts";
import { DataDir, startMqtt } from "./support/node.ts";

const SEED = Number(process.env["MQTT_SEED"] ?? Date.now() % 1_000_000);
const RUNS = Number(process.env["MQTT_RUNS"] ?? 60);

test("M46 M47 M51 M62 M68 M69 whatever a client does, each message comes once, in order, and none is lost", async () => {
  const node = await startMqtt();
  const faults: string[] = [];
  for (let seed = SEED; seed < SEED + RUNS; seed++) {
    const session = new RandomSession(() => Promise.resolve(node), seed);
    faults.push(...(await session.run(60)));
  }
  expect(faults).toEqual([]);
}, 60_000);

test("M48 M69 the same while the server is stopped and started", async () => {
  const faults: string[] = [];
  for (let seed = SEED; seed < SEED + Math.ceil(RUNS / 10); seed++) {
    await using dir = await DataDir.make();
    faults.push(...(await new RandomSession(() => dir.start(), seed).run(40)));
  }
  expect(faults).toEqual([]);
}, 60_000);
