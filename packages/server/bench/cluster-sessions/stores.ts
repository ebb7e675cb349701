import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openNatsSessions } from "../../src/adapters/nats/sessions/open.ts";
import { openSqliteSessionStore } from "../../src/adapters/sqlite/session-store.ts";
import { systemClock } from "../../src/clock.ts";
import type { SessionChange, SessionStore } from "../../src/durable/session-store.ts";
import { startNats } from "../support/nats.ts";
import { EPOCH, FILTER, SUBSCRIPTION, type Subject } from "./subject.ts";

/** The adapters, as gateways use them. `underWay`: messages that are under way to each client. */
export async function jetstreamStore(name: string, jetstream: string, underWay: number): Promise<Subject> {
  const server = await startNats({ jetstream });
  const store = await openNatsSessions({
    servers: [server.url],
    stream: "sessions",
    durability: "process",
    clock: systemClock,
    randomId: () => crypto.randomUUID(),
    maxBytes: 1 << 28,
    warn: console.warn,
  });
  return {
    ...subjectOf(name, store, underWay),
    pid: server.pid,
    close: () => store.close().then(() => server.remove()),
  };
}

export async function sqliteStore(underWay: number): Promise<Subject> {
  const dir = mkdtempSync(join(tmpdir(), "tidegate-bench-"));
  const path = join(dir, "sessions.db");
  const store = await openSqliteSessionStore({ path, durability: "process", clock: systemClock, warn: console.warn });
  const close = (): Promise<void> => store.close().then(() => rmSync(dir, { recursive: true }));
  return { ...subjectOf("SQLite, the adapter, `process`", store, underWay), close };
}

function subjectOf(name: string, store: SessionStore, underWay: number): Omit<Subject, "close"> {
  return {
    name,
    pid: undefined,
    async session(id) {
      const { claim } = await store.claim(id, () => [
        { kind: "create", user: "user" },
        { kind: "subscribe", filter: FILTER, options: SUBSCRIPTION },
      ]);
      if (claim === undefined) throw new Error(`the session ${id} was not given`);
      return (packet) => claim.write(changesOf(packet, underWay));
    },
  };
}

function changesOf(packet: number, underWay: number): readonly SessionChange[] {
  const acknowledged = ((packet - underWay + 60_000) % 60_000) + 1;
  const position = { filter: FILTER, epoch: EPOCH, offset: packet };
  const flight = {
    ...position,
    direction: "out",
    packet: (packet % 60_000) + 1,
    state: "sent",
    messageId: "1",
  } as const;
  return [
    { kind: "flight", flight },
    { kind: "landed", direction: "out", packet: acknowledged },
    { kind: "position", ...position },
  ];
}
