import { describe, expect, test } from "bun:test";
import type { Clock } from "../../src/clock.ts";
import { createLogger } from "../../src/observe/logger.ts";
import { LoopLag } from "../../src/observe/loop-lag.ts";
import { JsonClient } from "../e2e/json-client.ts";
import { startNode } from "../gateway/node.ts";
import { ServerProcess } from "../e2e/server-process.ts";
import { SECRET, tokenOf } from "../support/gateway.ts";

const KEY = "tg_a-key-that-nobody-may-see";

function collected(logLevel = "trace", logPretty = false) {
  const lines: string[] = [];
  return { lines, logger: createLogger({ logLevel, logPretty }, (line) => void lines.push(line)) };
}

describe("log lines", () => {
  test("R70 are one JSON object each, with a level, a time and a message", () => {
    const { lines, logger } = collected();
    logger.warn({ path: "/tmp/x", n: 3 }, "something\nhappened");
    expect(lines.length).toBe(1);
    expect(lines[0]?.trimEnd()).not.toContain("\n");
    const { level, time, msg, ...fields } = JSON.parse(lines[0] ?? "") as Record<string, unknown>;
    expect([level, msg, fields]).toEqual(["warn", "something\nhappened", { path: "/tmp/x", n: 3 }]);
    expect(Date.parse(String(time))).toBeGreaterThan(Date.now() - 10_000);
  });

  test("R70 below the level nothing is written, and an error comes with its stack", () => {
    const { lines, logger } = collected("warn");
    logger.info("not this");
    logger.error({ err: new Error("broken") }, "fault");
    expect(lines.length).toBe(1);
    expect(lines[0]).toContain("broken");
    expect(JSON.parse(lines[0] ?? "")).toHaveProperty("err.stack");
  });

  test("R71 for people they have the time, the level, the message and the fields", () => {
    const { lines, logger } = collected("info", true);
    logger.info({ url: "http://x" }, "listening");
    logger.error({ err: new Error("broken") }, "fault");
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} INFO {2}listening url=http:\/\/x\n$/);
    expect(lines[1]).toMatch(/^\S+ ERROR fault\n {2}Error: broken\n/);
  });
});

describe("secrets", () => {
  test("R72 fields that hold them are redacted, wherever they stand", () => {
    const { lines, logger } = collected();
    const secrets = [
      "token",
      "secret",
      "password",
      "key",
      "authorization",
      "Authorization",
      "cookie",
      "apiKey",
      "x-api-key",
    ];
    for (const name of secrets) {
      logger.info({ [name]: KEY }, "a field");
      logger.info({ auth: { [name]: KEY } }, "within");
      logger.info({ options: { auth: { [name]: KEY } } }, "further within");
      logger.info({ request: { headers: { [name]: KEY } } }, "a header");
      logger.error({ err: Object.assign(new Error("x"), { [name]: KEY }) }, "an error");
    }
    expect(lines.length).toBe(secrets.length * 5);
    expect(lines.filter((line) => line.includes(KEY))).toEqual([]);
    expect(lines[0]).toContain("[redacted]");
  });

  test("R72 none that a client sends appears at level trace", async () => {
    const { lines, logger } = collected();
    const grants = { hash: undefined, publish: ["#"], subscribe: ["#"] };
    const keys = [{ name: "robot", key: KEY, admin: true, ...grants }];
    const node = await startNode({
      env: { AUTH_JWT_SECRET: SECRET },
      change: (options) => ({ ...options, auth: { ...options.auth, keys } }),
      logger,
    });
    const good = await tokenOf("ann");
    const bad = `${good.slice(0, -6)}AAAAAA`;
    for (const token of [good, bad, KEY, "tg_wrong-key", "nonsense-token"]) {
      const client = await JsonClient.open(node.ws);
      await client.ask({ connect: { token } });
      client.send({ refresh: { token } }, { publish: { topic: "chat/a", text: "private-words" } });
      await fetch(`${node.http}/v1/history?topic=chat/a`, { headers: { Authorization: `Bearer ${token}` } });
      await fetch(`${node.http}/v1/history?topic=chat/a`, { headers: { "X-API-Key": token } });
      const events = await fetch(`${node.http}/v1/subscribe?topic=chat/a&token=${token}`);
      await events.body?.cancel();
      client.close();
    }
    logger.info("the end");
    expect(lines.length).toBeGreaterThan(0);
    const found = [good, bad, KEY, SECRET, "tg_wrong-key", "nonsense-token", "private-words"].filter((secret) =>
      lines.some((line) => line.includes(secret)),
    );
    expect(found).toEqual([]);
  });

  test("R72 nor does one of the configuration, of the whole process", async () => {
    await using server = await ServerProcess.start({
      AUTH_JWT_SECRET: SECRET,
      OBSERVE_LOG_LEVEL: "trace",
      DRAIN_DEADLINE: "0",
    });
    server.kill("SIGTERM");
    expect(await server.ended()).toBe(0);
    expect(server.log).toContain("listening");
    expect(server.log).not.toContain(SECRET);
  });
});

test("R63 the lag of the event loop is the worst since it was last asked for", () => {
  const timers: (() => void)[] = [];
  let now = 0;
  const clock: Clock = { now: () => now, after: (_, task) => (timers.push(task), () => {}), endOfTurn: () => {} };
  const lag = new LoopLag(clock);
  const read = lag.reader();
  /** The timer, which is due 100 ms after the last one, runs at this moment. */
  const runAt = (moment: number): void => {
    now = moment;
    timers.shift()?.();
  };
  runAt(100);
  expect(read()).toBe(0);
  for (const moment of [350, 460, 560]) runAt(moment);
  expect(read()).toBe(150);
  runAt(660);
  expect(read()).toBe(0);
});
