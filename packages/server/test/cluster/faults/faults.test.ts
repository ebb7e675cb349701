import { describe, expect, test } from "bun:test";
import { BARS } from "./bars.ts";
import { NATS } from "./stand.ts";

if (NATS === undefined)
  console.warn("skipped: what a cluster bears. Set NATS_SERVER to a nats-server's path, or put it into PATH.");

async function holds(part: string): Promise<void> {
  const verdict = await BARS[part]?.("small", (line) => console.log(`${part}: ${line}`));
  for (const figure of verdict?.figures ?? []) console.log(`${part}: ${figure}`);
  expect(verdict?.failures).toEqual([]);
}

// Few clients and rounds; `npm run cluster:faults` runs the whole.
describe.skipIf(NATS === undefined)("a cluster of three gateways under load", () => {
  test(
    "CL30 a gateway is killed: its clients are on others within 5 s, and nothing is lost, doubled or out of order",
    () => holds("kill-gateways"),
    60_000,
  );

  test(
    "CL31 all gateways are restarted in turn: nothing is lost, nobody waits longer than the spread and 2 s, and the limit of new connections holds",
    () => holds("rolling-restart"),
    90_000,
  );

  test(
    "CL32 NATS is killed and comes back with its store: all that was acknowledged is there once, and subscribers are whole within 3 s",
    () => holds("kill-nats"),
    60_000,
  );

  test(
    "CL33 NATS stands still: connections stay, publishes are told to come again, readiness says it, and all is whole afterwards",
    () => holds("slow-nats"),
    60_000,
  );

  test(
    "CL34 one gateway is cut off from NATS: it keeps its clients, says that it is not ready, and they get what they missed",
    () => holds("partition"),
    60_000,
  );

  test(
    "CL35 the log is full: low priority is refused first and high last, connections stay, and all is well when there is room again",
    () => holds("full-nats"),
    90_000,
  );

  test("CL36 a gateway gets no message of topics that none of its clients asked for", () => holds("interest"), 60_000);
});
