import fc from "fast-check";
import type { Command, Member, Push, Reply } from "../src/command.ts";
import { ERRORS, type ErrorReason } from "../src/codes.ts";
import { protocolError } from "../src/error.ts";
import { LIMITS } from "../src/limits.ts";
import type { Message, Position, Priority, Stored } from "../src/message.ts";
import { Payload } from "../src/payload.ts";

/** Every command, reply and push that the types allow, within the limits. */

const maybe = <T>(arb: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arb, { nil: undefined });
const name = (maxLength: number): fc.Arbitrary<string> =>
  fc.oneof(
    fc.string({ minLength: 1, maxLength }),
    fc.string({ unit: "binary", minLength: 1, maxLength: maxLength / 2 }),
  );
const level = fc.oneof(fc.stringMatching(/^[a-z0-9_"\\-]{0,6}$/), fc.constantFrom("ä", "日本", "😀", "$sys", "a b"));

const topics: fc.Arbitrary<string> = fc
  .array(level, { minLength: 1, maxLength: 5 })
  .map((levels) => levels.join("/"))
  .filter((topic) => topic.length > 0);

export const filters: fc.Arbitrary<string> = fc
  .tuple(fc.array(fc.oneof(level, fc.constant("+")), { maxLength: 5 }), fc.boolean())
  .map(([levels, all]) => [...levels, ...(all ? ["#"] : [])].join("/"))
  .filter((filter) => filter.length > 0);

const offsets = fc.oneof(fc.nat(200), fc.maxSafeNat());
const ids = maybe(fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: LIMITS.commandId })));
const positions: fc.Arbitrary<Position> = fc.record({ epoch: name(LIMITS.epochChars), offset: offsets });
const headers = fc.dictionary(
  name(20).filter((key) => key !== "__proto__"),
  fc.string({ unit: "binary", maxLength: 60 }),
  { minKeys: 1, maxKeys: 5, noNullPrototype: true },
);
const priorities = fc.constantFrom<Priority>(0, 1, 2);

/** JSON with white space between tokens now and then, as other clients send it. */
const jsonTexts = fc
  .tuple(fc.jsonValue(), fc.constantFrom(undefined, 1))
  .map(([value, indent]) => JSON.stringify(value, null, indent));
const payloads = fc.oneof(
  jsonTexts.map((text) => Payload.json(text)),
  fc.string({ unit: "binary", maxLength: 80 }).map((text) => Payload.text(text)),
  fc.uint8Array({ maxLength: 80 }).map((bytes) => Payload.binary(bytes)),
);
const infos = fc
  .dictionary(fc.string(), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 3, noNullPrototype: true })
  .map((value) => JSON.stringify(JSON.parse(JSON.stringify(value))))
  .filter((info) => info.length <= LIMITS.presenceInfoChars);

type Of<K extends Command["kind"]> = Extract<Command, { kind: K }>;
const kind = <K extends string>(value: K): fc.Arbitrary<K> => fc.constant(value);

const publishes: fc.Arbitrary<Of<"publish">> = fc.record({
  kind: kind("publish"),
  id: ids,
  topic: topics,
  payload: payloads,
  messageId: maybe(name(40)),
  priority: priorities,
  headers: maybe(headers),
  retain: fc.boolean(),
});

const histories: fc.Arbitrary<Of<"history">> = fc
  .record({
    kind: kind("history"),
    id: ids,
    topic: topics,
    after: maybe(positions),
    before: maybe(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })),
    limit: maybe(fc.integer({ min: 1, max: LIMITS.historyPage })),
  })
  .map((command) => (command.after === undefined ? command : { ...command, before: undefined }));

export const commands: fc.Arbitrary<Command> = fc.oneof(
  fc.record({
    kind: kind("connect"),
    id: ids,
    token: maybe(name(200)),
    since: maybe(positions),
    client: maybe(name(60)),
  }),
  fc.record({ kind: kind("refresh"), id: ids, token: name(200) }),
  fc.record({
    kind: kind("subscribe"),
    id: ids,
    topic: filters,
    since: maybe(positions),
    retained: fc.boolean(),
    presence: maybe(fc.record({ info: maybe(infos) })),
    window: maybe(fc.integer({ min: 1, max: LIMITS.ackWindow })),
  }),
  fc.record({ kind: kind("unsubscribe"), id: ids, topic: filters }),
  publishes,
  fc.record({ kind: kind("ack"), id: ids, topic: filters, offset: offsets.map((offset) => Math.max(1, offset)) }),
  histories,
  fc.record({ kind: kind("presence"), id: ids, topic: topics, countOnly: fc.boolean() }),
  fc.record({ kind: kind("ping"), id: ids }),
);

const messages: fc.Arbitrary<Message> = fc.record({
  topic: topics,
  payload: payloads,
  id: maybe(name(40)),
  from: maybe(name(40)),
  time: fc.maxSafeNat(),
  priority: priorities,
  headers: maybe(headers),
  retain: fc.boolean(),
  origin: fc.constant("server" as const),
});

export const storeds: fc.Arbitrary<Stored> = fc.record({ message: messages, offset: offsets, previous: offsets });

const members: fc.Arbitrary<Member> = fc.record({ user: name(40), info: maybe(infos) });
const counts = fc.nat(0xffff_ffff);
const errors = fc
  .tuple(fc.constantFrom(...(Object.keys(ERRORS) as ErrorReason[])), fc.string({ unit: "binary", maxLength: 60 }))
  .map(([reason, message]) => protocolError(reason, message));
const state = { epoch: maybe(name(40)), offset: maybe(offsets), recovered: maybe(fc.boolean()) };
const times = maybe(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }));

export const replies: fc.Arbitrary<Reply> = fc.oneof(
  fc.record({
    kind: kind("connect"),
    session: name(40),
    user: maybe(name(40)),
    ping: fc.nat(600),
    expires: times,
    personal: maybe(fc.record({ topic: topics, ...state })),
  }),
  fc.record({ kind: kind("refresh"), expires: times }),
  fc.record({ kind: kind("subscribe"), ...state }),
  fc.record({ kind: kind("unsubscribe") }),
  fc.record({ kind: kind("publish"), epoch: name(40), offset: offsets, duplicate: fc.boolean() }),
  fc.record({ kind: kind("ack") }),
  fc.record({
    kind: kind("history"),
    epoch: name(40),
    messages: fc.array(storeds, { maxLength: 4 }),
    more: fc.boolean(),
    complete: fc.boolean(),
  }),
  fc.record({ kind: kind("presence"), count: counts, members: maybe(fc.array(members, { maxLength: 4 })) }),
  fc.record({ kind: kind("ping") }),
  fc.record({ kind: kind("error"), error: errors }),
);

export const pushes: fc.Arbitrary<Push> = fc.oneof(
  fc.record({ kind: kind("message"), stored: storeds, filter: maybe(filters), redelivered: fc.boolean() }),
  fc.record({
    kind: fc.constantFrom("join" as const, "leave" as const),
    topic: topics,
    members: fc.array(members, { maxLength: 4 }),
    count: counts,
  }),
  fc.record({ kind: kind("unsubscribed"), topic: filters, error: errors }),
  fc.record({ kind: kind("gap"), topic: topics, after: offsets, to: offsets }),
  fc.record({ kind: kind("reconnect"), delay: counts, spread: counts }),
);
export const commandIds = ids;

/** Payloads by what they hold, so that equal ones compare equal in whatever form they are. JSON by its value. */
export function plain(value: unknown): unknown {
  if (value instanceof Payload)
    return [value.format, value.format === "json" ? JSON.parse(value.text) : [...value.bytes]];
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}
