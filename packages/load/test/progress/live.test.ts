import { expect, test } from "bun:test";
import { EMPTY_HISTOGRAM } from "../../src/measure/histogram-data.ts";
import { LiveProgress } from "../../src/progress/live.ts";
import type { AgentSample, Second } from "../../src/result/types.ts";

const PLAN = {
  name: "chat",
  target: "tidegate ws://127.0.0.1:8080/ws",
  phases: [{ name: "hold", kind: "hold", from: 0, to: 60, load: 1 }],
} as const;

function secondOf(t: number, agent: Partial<AgentSample> = {}): Second {
  const counts = { opened: 0, attempted: 10, sent: 10, acked: 10, delivered: 100, bytesOut: 1, bytesIn: 1 };
  const none = { latency: EMPTY_HISTOGRAM, ack: EMPTY_HISTOGRAM, connect: EMPTY_HISTOGRAM };
  const calm = { cpu: 0.1, rss: 1, lag: 0, late: 0, descriptors: 1, connections: 7 };
  return { t, connections: 7, wanted: 7, ...counts, ...none, errors: {}, agents: [{ ...calm, ...agent }] };
}

/** A progress whose timers are called by hand. */
function started(columns: number | undefined) {
  let written = "";
  let tick = (): void => {};
  let time = 0;
  const live = new LiveProgress(PLAN, {
    write: (text) => void (written += text),
    size: columns === undefined ? undefined : () => ({ columns, rows: 30 }),
    colour: false,
    now: () => time,
    every: (_, call) => {
      tick = call;
      return () => {};
    },
    atExit: () => () => {},
  });
  const at = (seconds: number): void => {
    time = seconds * 1000;
    tick();
  };
  return { live, at, written: () => written };
}

test("LG55 where there is no terminal a plain line comes every few seconds", () => {
  const { live, at, written } = started(undefined);
  live.second(secondOf(4));
  at(5);
  expect(written()).toBe("0:05 hold  connections 7 of 7  sent 10 /s  acked 10 /s  delivered 100 /s  errors 0\n");
});

test("LG55 on a terminal a block is drawn over and over, no line wider than it, and the cursor comes back", () => {
  const { live, at, written } = started(60);
  live.second(secondOf(1));
  at(2);
  live.end();
  const lines = Bun.stripANSI(written()).split(/[\n\r]/);
  for (const line of lines) expect(line.length).toBeLessThan(60);
  expect(written()).toContain("58 s left");
  expect(written().endsWith("\u001b[?25h")).toBe(true);
});

test("LG56 an agent that is itself the limit is named at once, and once for each reason", () => {
  const { live, written } = started(undefined);
  for (const late of [8, 9, 12]) live.second(secondOf(1, { late }));
  live.second(secondOf(2, { cpu: 0.99 }));
  expect(written().split("\n")).toEqual([
    "Agent 1 sends 8.00 ms late: latencies include that.",
    "Agent 1 uses 99 % of a core: it is the limit here, add agents.",
    "",
  ]);
});
