import { MemoryPresence } from "../src/adapters/memory/presence.ts";
import { Ends } from "../src/adapters/nats/sessions/ends.ts";
import { encodeLabel } from "../src/adapters/nats/sessions/record.ts";
import type { SessionStream } from "../src/adapters/nats/sessions/stream.ts";
import type { Raw } from "../src/adapters/nats/direct.ts";
import { PermissionPool } from "../src/auth/permissions.ts";
import { Revocations } from "../src/auth/revocations.ts";
import { systemClock } from "../src/clock.ts";
import { IdWindow } from "../src/log/id-window.ts";
import { Callers } from "../src/transport/http/callers.ts";
import { heap } from "./support/heap.ts";

/**
 * The memory of what a gateway remembers up to a bound: `bun packages/server/bench/held.ts`.
 *
 * Each is filled to its bound (sessions and members have none of their own here) with ids, names and topics of 12 to 24 characters.
 */

const SETTINGS = { grace: 5000, maxMembers: 100 };

interface Held {
  readonly name: string;
  readonly count: number;
  /** Returns what holds them. */
  readonly fill: (count: number) => unknown;
}

const ALL: readonly Held[] = [
  { name: "message ids of the window", count: 1_000_000, fill: ids },
  { name: "patterns of permissions, one a user", count: 50_000, fill: patterns },
  { name: "revocations", count: 100_000, fill: revocations },
  { name: "callers over HTTP", count: 10_000, fill: callers },
  { name: "ends of MQTT sessions of a cluster", count: 100_000, fill: ends },
  { name: "members of 1,000 topics, present here", count: 100_000, fill: members },
];

const held: unknown[] = [];
console.log("| | how many | bytes each | MB |\n|---|---|---|---|");
for (const { name, count, fill } of ALL) {
  const before = heap();
  held.push(await fill(count));
  const bytes = heap() - before;
  console.log(`| ${name} | ${count} | ${(bytes / count).toFixed(0)} | ${(bytes / 1e6).toFixed(1)} |`);
}
// Until here nothing may be collected.
process.exit(held.length === ALL.length ? 0 : 1);

function ids(count: number): IdWindow {
  const window = new IdWindow(count);
  const topics = names(1000, "chat/room");
  for (let n = 0; n < count; n++)
    window.add(
      topics[n % 1000] ?? "",
      nameOf("message", n),
      { offset: n, previous: n - 1, at: 1_700_000_000_000 },
      120_000,
    );
  return window;
}

/** A user's permissions weigh one pattern more than they have. */
function patterns(count: number): PermissionPool {
  const pool = new PermissionPool(count);
  for (let n = 0; n < count / 2; n++)
    pool.of({
      publish: [nameOf("sensors/site", n)],
      subscribe: [],
      admin: false,
      wildcardsReachUsers: false,
      ownTopic: true,
    });
  return pool;
}

function revocations(count: number): Revocations {
  const all = new Revocations({ clock: systemClock, limit: count });
  for (let n = 0; n < count; n++) all.revoke({ user: nameOf("user", n) });
  return all;
}

function callers(count: number): Callers {
  const all = new Callers({ clock: systemClock, burst: 100, limit: count });
  const permissions = new PermissionPool().of({
    publish: ["#"],
    subscribe: [],
    admin: false,
    wildcardsReachUsers: false,
    ownTopic: true,
  });
  const none = { issued: undefined, expires: undefined, tokenId: undefined, info: undefined, keyName: undefined };
  for (let n = 0; n < count; n++) all.of({ ...none, kind: "user", user: nameOf("user", n), permissions }, "");
  return all;
}

/** As they are read from the stream, whose place something takes that makes them up. */
async function ends(count: number): Promise<Ends> {
  const bases = (after: number): Promise<readonly Raw[]> =>
    Promise.resolve(Array.from({ length: Math.min(1000, count - after) }, (_, i) => baseOf(after + i + 1, count)));
  const all = new Ends({ doubts: 0, bases } as unknown as SessionStream, systemClock);
  await all.refresh();
  return all;
}

function baseOf(seq: number, count: number): Raw {
  const expires = 1_700_000_000_000 + seq;
  const label = encodeLabel({
    id: nameOf("device", seq),
    owner: seq % 2 === 0 ? `gateway-${seq % 6}` : undefined,
    expires,
  });
  const subject = `tidegate.sessions.5e0c91d2b81f0a3c.${Bun.hash(label).toString(36)}.b`;
  const [head, message] = [{ get: () => label }, { data: { length: 1 } }];
  return { seq, subject, head, message, pending: count - seq } as unknown as Raw;
}

/** When all of them were told: what waits for that is held for a moment only. */
async function members(count: number): Promise<MemoryPresence> {
  const presence = new MemoryPresence({ clock: systemClock });
  presence.watch({ changed() {} });
  const topics = names(1000, "chat/room");
  for (let n = 0; n < count; n++)
    presence.enter(
      topics[n % 1000] ?? "",
      nameOf("session", n),
      { user: nameOf("user", n), info: undefined },
      SETTINGS,
    );
  while (presence.waiting.changes + presence.waiting.topics > 0) await Bun.sleep(10);
  return presence;
}

function names(count: number, prefix: string): readonly string[] {
  return Array.from({ length: count }, (_, n) => nameOf(prefix, n));
}

/** A text of its own, as a decoder makes it: joined ones are put together when they are first looked at. */
function nameOf(prefix: string, n: number): string {
  return Buffer.from(`${prefix}-${String(n).padStart(7, "0")}`).toString();
}
