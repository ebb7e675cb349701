import { expect, test } from "bun:test";
import type { Stored } from "@tidegate/protocol";
import { MemoryLog } from "../../src/adapters/memory/log.ts";
import { LogUnavailable } from "../../src/log/log.ts";
import { RenewableLog } from "../../src/log/renewable-log.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { KEEP_ALL, message, texts } from "./fixture.ts";

interface Opened {
  readonly log: MemoryLog;
  readonly lost: () => void;
}

class Stage {
  readonly clock = new FakeClock();
  readonly opened: Opened[] = [];
  readonly warnings: string[] = [];
  readonly calls: string[] = [];
  readonly seen: Stored[] = [];
  failures = 0;

  async open(): Promise<RenewableLog> {
    const log = await RenewableLog.open({
      open: (lost) => this.#open(lost),
      clock: this.clock,
      warn: (text) => void this.warnings.push(text),
    });
    const call = (name: string) => () => void this.calls.push(`${name} ${log.epoch}`);
    log.watch({ ending: call("ending"), renewed: call("renewed") });
    log.tail({ messages: (batch) => void this.seen.push(...batch) });
    return log;
  }

  async pass(ms: number): Promise<void> {
    this.clock.advance(ms);
    for (let i = 0; i < 20; i++) await Promise.resolve();
  }

  #open(lost: () => void): Promise<MemoryLog> {
    if (this.failures-- > 0) return Promise.reject(new LogUnavailable("away"));
    const log = new MemoryLog({
      clock: this.clock,
      epoch: `e${this.opened.length}`,
      retention: () => KEEP_ALL,
      maxBytes: 1e6,
    });
    this.opened.push({ log, lost });
    return Promise.resolve(log);
  }
}

test("L83 a log that was lost is opened anew, with its tail; who watches is told before and after", async () => {
  const stage = new Stage();
  const log = await stage.open();
  await log.append([message("a", "1")]);
  stage.opened[0]?.lost();
  expect(log.epoch).toBe("e0");
  await stage.pass(1000);
  expect(stage.calls).toEqual(["ending e0", "renewed e1"]);
  expect(log.head()).toBe(0);
  await log.append([message("a", "2")]);
  expect(texts(stage.seen)).toEqual(["1", "2"]);
  expect(stage.warnings).toHaveLength(2);
});

test("L83 it is tried once a second until it is there, and each reason is told once", async () => {
  const stage = new Stage();
  const log = await stage.open();
  stage.failures = 5;
  stage.opened[0]?.lost();
  stage.opened[0]?.lost();
  for (let i = 0; i < 5; i++) await stage.pass(1000);
  expect([log.epoch, stage.warnings.length]).toEqual(["e0", 2]);
  await stage.pass(1000);
  expect(log.epoch).toBe("e1");
});

test("L83 it may be lost again; once it was closed it is not opened any more", async () => {
  const stage = new Stage();
  const log = await stage.open();
  for (let i = 0; i < 3; i++) {
    stage.opened[i]?.lost();
    await stage.pass(1000);
  }
  expect(log.epoch).toBe("e3");
  stage.opened[3]?.lost();
  const closed = log.close();
  await stage.pass(5000);
  await closed;
  expect(stage.opened).toHaveLength(4);
  expect(log.append([message("a", "1")])).rejects.toThrow(LogUnavailable);
});
