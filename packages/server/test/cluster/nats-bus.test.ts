import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connect } from "@nats-io/transport-node";
import { openNatsBus, type NatsBusOptions } from "../../src/adapters/nats/bus.ts";
import { systemClock } from "../../src/clock.ts";
import type { Bus } from "../../src/cluster/bus.ts";
import { NATS, NatsBench } from "../log/nats/fixture.ts";
import { until } from "../support/until.ts";
import { busContract } from "./bus.contract.ts";
import { bytes, faultOf, heard, SUBJECT } from "./contract/subject.ts";

const PERMISSIONS = `authorization {
  users = [
    { user: "all", password: "hush" },
    { user: "few", password: "hush", permissions: { subscribe: { deny: "*.bus.secret" } } }
  ]
}
no_auth_user: "all"`;

const bench = new NatsBench({ config: PERMISSIONS });
const open = new Set<Bus>();
const warnings: string[] = [];
let clusters = 0;

beforeAll(bench.start);
afterAll(async () => {
  await Promise.all([...open].map((bus) => bus.close()));
  await bench.remove();
});

async function openBus(cluster: string, options: Partial<NatsBusOptions> = {}): Promise<Bus> {
  const warn = (message: string): void => void warnings.push(message);
  const bus = await openNatsBus({ servers: [bench.server.url], cluster, clock: systemClock, warn, ...options });
  open.add(bus);
  return bus;
}

function newCluster(): string {
  return `test_${++clusters}`;
}

describe.skipIf(NATS === undefined)("NATS", () => {
  busContract("nats", {
    cluster() {
      const cluster = newCluster();
      const all: Bus[] = [];
      return {
        open: async () => {
          const bus = await openBus(cluster);
          all.push(bus);
          return bus;
        },
        away: async () => {
          await bench.server.kill();
          await until(() => all.every(({ isUp }) => !isUp));
        },
        back: async () => {
          await bench.server.start();
          await until(() => all.every(({ isUp }) => isUp));
        },
      };
    },
  });

  test("BU13 clusters of different names do not hear each other", async () => {
    const [one, other] = [await openBus(newCluster()), await openBus(newCluster())];
    const [mine, theirs] = [await heard(one), await heard(other)];
    one.publish(SUBJECT, bytes("1"));
    other.publish(SUBJECT, bytes("2"));
    await until(() => mine.length > 0 && theirs.length > 0);
    expect([mine, theirs]).toEqual([["1"], ["2"]]);
    expect(await faultOf(openBus("a.b"))).toStartWith("TypeError");
  });

  test("BU1 the subject on NATS is the cluster's name, bus, and the words", async () => {
    const bus = await openBus("shown");
    const outside = await connect({ servers: bench.server.url });
    const seen: string[] = [];
    outside.subscribe(">", { callback: (_, { subject }) => void seen.push(subject) });
    await outside.flush();
    bus.publish(SUBJECT, bytes("1"));
    await until(() => seen.includes("shown.bus.a.b-1_c"));
    await outside.close();
  });

  test("BU14 while NATS stands still what waits is bounded, and it goes on afterwards", async () => {
    const cluster = newCluster();
    const [bus, other] = [await openBus(cluster), await openBus(cluster)];
    const lengths: number[] = [];
    await other.subscribe(SUBJECT, ({ length }) => void lengths.push(length)).ready;
    const payload = (): Uint8Array => new Uint8Array(256 * 1024);
    warnings.length = 0;
    await bench.server.pause();
    try {
      // The library takes all of them at once: 64 MiB.
      for (let n = 0; n < 256; n++) bus.publish(SUBJECT, payload());
      expect(await faultOf(bus.request(SUBJECT, bytes("1"), 50))).toStartWith("BusUnavailable");
    } finally {
      bench.server.resume();
    }
    await until(() => warnings.length >= 2);
    expect(warnings[0]).toContain("NATS does not take what is sent");
    expect(warnings[1]).toMatch(/goes on; \d+ payloads were dropped meanwhile/);
    await until(() => bus.isUp && other.isUp);
    const before = lengths.length;
    expect(before).toBeLessThanOrEqual(66);
    await until(async () => {
      bus.publish(SUBJECT, bytes("1"));
      return lengths.includes(1);
    });
  });

  test("BU15 without NATS opening rejects, and the password is not in the sentence", async () => {
    const servers = ["nats://me:hush@127.0.0.1:1"];
    const fault = await faultOf(openBus(newCluster(), { servers, timeout: 500 }));
    expect(fault).toStartWith("BusUnavailable: no NATS at nats://127.0.0.1:1");
    expect(fault).not.toContain("hush");
  });

  test("BU16 what NATS does not permit is refused and logged with its subject", async () => {
    const bus = await openBus("limited", { credentials: { kind: "password", user: "few", password: "hush" } });
    warnings.length = 0;
    expect(await faultOf(bus.subscribe(["secret"], () => {}).ready)).toMatch(
      /^BusUnavailable: NATS refuses limited\.bus\.secret/,
    );
    expect(warnings.join()).toContain("NATS does not let this node hear limited.bus.secret");
    expect(warnings.join()).not.toContain("hush");
    expect(await faultOf(bus.subscribe(["open"], () => {}).ready)).toBe("no error");
  });
});
