import { describe, expect, test } from "bun:test";
import { Readiness } from "../../src/transport/http/readiness.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { errorOf, startNode } from "./harness.ts";

const logger = { warn: () => {}, info: () => {} } as never;

function readiness(probe: () => Promise<void>) {
  const clock = new FakeClock();
  const state = { draining: false, probes: 0 };
  const counted = () => {
    state.probes += 1;
    return probe();
  };
  const services = { clock, logger, isStopping: () => state.draining };
  return { clock, state, readiness: new Readiness(services, [{ log: { durability: "process", probe: counted } }]) };
}

describe("probes", () => {
  test("H70 live is 200 also while draining", async () => {
    const node = await startNode();
    await node.gateway.stop();
    expect((await fetch(`${node.url}/health/live`)).status).toBe(200);
  });

  test("H71 ready is 503 while draining, and says so", async () => {
    const node = await startNode();
    expect((await fetch(`${node.url}/health/ready`)).status).toBe(200);
    await node.gateway.stop();
    const response = await fetch(`${node.url}/health/ready`);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ ready: false, checks: { node: "draining" } });
  });

  test("H71 a log that fails is named", async () => {
    const { readiness: asked } = readiness(() => Promise.reject(new Error("/secret/path is full")));
    expect(await asked.report()).toEqual({ ready: false, checks: { "log.process": "unavailable" } });
  });

  test("H71 a log that does not answer is named after a second", async () => {
    const { clock, readiness: asked } = readiness(() => new Promise(() => {}));
    const report = asked.report();
    clock.advance(1000);
    expect(await report).toEqual({ ready: false, checks: { "log.process": "no answer within 1000 ms" } });
    expect(clock.timers).toBe(0);
  });

  test("H74 in a cluster a bus that does not answer is named, too", async () => {
    const services = { clock: new FakeClock(), logger, isStopping: () => false };
    const log = { durability: "process", probe: () => Promise.resolve() } as const;
    let isUp = true;
    const probe = (): Promise<void> => (isUp ? Promise.resolve() : Promise.reject(new Error("away")));
    const asked = new Readiness(services, [{ log }], { probe });
    expect(await asked.report()).toEqual({ ready: true, checks: { "log.process": "ok", bus: "ok" } });
    isUp = false;
    services.clock.advance(250);
    expect(await asked.report()).toEqual({ ready: false, checks: { "log.process": "ok", bus: "unavailable" } });
  });

  test("H75 a probe that fails is logged once, and once when it is answered again", async () => {
    const lines: string[] = [];
    const logged = { warn: () => lines.push("fails"), info: () => lines.push("answered") } as never;
    const services = { clock: new FakeClock(), logger: logged, isStopping: () => false };
    let isUp = true;
    const probe = (): Promise<void> => (isUp ? Promise.resolve() : Promise.reject(new Error("away")));
    const asked = new Readiness(services, [{ log: { durability: "process", probe } }]);
    for (const state of [true, false, false, false, true, true, false]) {
      isUp = state;
      await asked.report();
      services.clock.advance(250);
    }
    expect(lines).toEqual(["fails", "answered", "fails"]);
  });

  test("H72 a quarter of a second is one round of probes", async () => {
    const { clock, state, readiness: asked } = readiness(() => Promise.resolve());
    await Promise.all(Array.from({ length: 100 }, () => asked.report()));
    clock.advance(249);
    await asked.report();
    expect(state.probes).toBe(1);
    clock.advance(1);
    await asked.report();
    expect([state.probes, clock.timers]).toEqual([2, 0]);
  });

  test("H72 draining shows at once", async () => {
    const { state, readiness: asked } = readiness(() => Promise.resolve());
    expect((await asked.report()).ready).toBe(true);
    state.draining = true;
    expect((await asked.report()).ready).toBe(false);
  });
});

describe("metrics", () => {
  test("H73 are text for Prometheus", async () => {
    const node = await startNode();
    const response = await fetch(`${node.url}/metrics`);
    expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(await response.text()).toBe("up 1\n");
  });

  test("H73 are a 404 where they are switched off", async () => {
    const node = await startNode({ parts: { metrics: undefined } });
    const response = await fetch(`${node.url}/metrics`);
    expect([response.status, (await errorOf(response)).reason]).toEqual([404, "not_found"]);
  });
});
