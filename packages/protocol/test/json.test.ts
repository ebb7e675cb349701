import { expect, test } from "bun:test";
import { InvalidInput } from "../src/error.ts";
import { jsonCodec } from "../src/json/codec.ts";
import { readJsonCommand } from "../src/json/decode.ts";
import { LIMITS } from "../src/limits.ts";
import type { Message, Stored } from "../src/message.ts";
import { Payload } from "../src/payload.ts";
import type { PublishCommand } from "../src/command.ts";

/** The message of the error that one command gets. */
function fault(command: object | string): string {
  const [first] = jsonCodec.decode(typeof command === "string" ? command : JSON.stringify({ id: 1, ...command }));
  return first?.kind === "rejected" ? first.error.message : `accepted: ${JSON.stringify(first)}`;
}

const publish = (line: string): PublishCommand => jsonCodec.decode(line)[0] as PublishCommand;

function message(change: Partial<Message>): Stored {
  const bare = { id: undefined, from: undefined, headers: undefined, retain: false };
  const base = { topic: "a", payload: Payload.json("1"), time: 5, priority: 1, origin: "http" } as const;
  return { message: { ...bare, ...base, ...change }, offset: 2, previous: 1 };
}

test("W3 a binary frame is malformed", () => {
  expect(() => jsonCodec.decode(new Uint8Array(3))).toThrow("a JSON frame must be text, this one is binary");
  expect(() => jsonCodec.decodeServer(new Uint8Array(3))).toThrow(InvalidInput);
});

test("W10 lines are split by newlines, blank ones allowed", () => {
  expect(jsonCodec.decode('\n{"ping":{}}\r\n\n {"id":2,"ping":{}} \n')).toEqual([
    { kind: "ping", id: undefined },
    { kind: "ping", id: 2 },
  ]);
});

test("W15 what is not of the protocol is refused as a whole", () => {
  for (const frame of [
    "",
    "\n",
    "hello",
    "[]",
    "1",
    "null",
    '"x"',
    '{"ping":{}',
    '{"ping":{}}{"ping":{}}',
    '{"ping":{}}\nx',
  ]) {
    let thrown: unknown;
    try {
      jsonCodec.decode(frame);
    } catch (error) {
      thrown = error;
    }
    expect(thrown, frame).toBeInstanceOf(InvalidInput);
    expect((thrown as InvalidInput).reason).toBe("malformed");
  }
  expect(() => jsonCodec.decode("hello")).toThrow('it is not JSON: "hello"');
});

test("W15 W25 a frame has at most 1000 commands", () => {
  const many = (count: number): string => Array<string>(count).fill('{"ping":{}}').join("\n");
  expect(jsonCodec.decode(many(LIMITS.commandsPerFrame))).toHaveLength(1000);
  expect(() => jsonCodec.decode(many(LIMITS.commandsPerFrame + 1))).toThrow("the frame has more than 1000 commands");
  expect(() => jsonCodec.decode(`${"\n".repeat(3000)}{"ping":{}}`)).toThrow("the frame has more than 1000 commands");
});

test("W16 a wrong command is answered with its id, and the others are carried out", () => {
  expect(jsonCodec.decode('{"id":1,"ping":{}}\n{"id":2,"ack":{}}\n{"id":3,"ping":{}}')).toMatchObject([
    { kind: "ping", id: 1 },
    { kind: "rejected", id: 2, error: { code: 1002, reason: "invalid_argument", temporary: false } },
    { kind: "ping", id: 3 },
  ]);
});

test("W17 unknown commands and fields are refused, and the name that was meant is told", () => {
  expect(jsonCodec.decode('{"id":1,"subscrbe":{}}')).toMatchObject([
    { kind: "rejected", error: { reason: "unknown_command" } },
  ]);
  expect(fault({ subscrbe: {} })).toBe('no command "subscrbe"; did you mean subscribe?');
  expect(fault({ toString: {} })).toStartWith('no command "toString"; there are connect, refresh, subscribe');
  expect(fault({})).toStartWith("no command is there; there are connect");
  expect(fault({ publish: { topic: "a", text: "", messageID: "m" } })).toBe(
    'publish: unknown field "messageID"; did you mean messageId?',
  );
  expect(fault({ ping: { now: 1 } })).toBe('ping: unknown field "now"; there is none');
  expect(fault({ subscribe: { topic: "a", since: { epoch: "e", ofset: 1 } } })).toBe(
    'subscribe.since: unknown field "ofset"; did you mean offset?',
  );
  expect(fault(`{"id":1,"${"x".repeat(100_000)}":{}}`).length).toBeLessThan(250);
});

test("W18 an error says where and what is allowed", () => {
  expect(fault({ publish: { topic: "a/+", text: "" } })).toBe(
    "publish.topic: a topic to publish to has no wildcards (+ or #)",
  );
  expect(fault({ publish: { text: "" } })).toBe("publish.topic: it is missing");
  expect(fault({ publish: { topic: 5, text: "" } })).toBe("publish.topic: it must be text, not a number");
  expect(fault({ publish: { topic: null, text: "" } })).toBe("publish.topic: it must be text, not null");
  expect(fault({ subscribe: { topic: "a/#/b" } })).toBe("subscribe.topic: # is allowed only as the last level");
  expect(fault({ subscribe: { topic: "a", presence: "me" } })).toBe("subscribe.presence: it must be true or an object");
  expect(fault({ subscribe: { topic: "a", retained: 1 } })).toBe(
    "subscribe.retained: it must be true or false, not a number",
  );
  expect(fault({ subscribe: { topic: "a", since: { epoch: "e" } } })).toBe("subscribe.since.offset: it is missing");
  expect(fault({ publish: { topic: "a", text: "", priority: "urgent" } })).toBe(
    "publish.priority: it must be one of low, normal, high",
  );
  expect(fault({ history: { topic: "a", after: { epoch: "e", offset: 1 }, before: 2 } })).toBe(
    "history: after and before exclude each other",
  );
  expect(fault({ presence: [] })).toBe("presence: it must be an object, not an array");
  expect(fault({ publish: { topic: "a", text: "\ud800" } })).toBe("publish.text: it is not valid Unicode");
});

test("W19 an id is a whole number from 1 to 4294967295", () => {
  for (const id of [0, -1, 1.5, 4294967296, "1", null, {}]) {
    const [first] = jsonCodec.decode(JSON.stringify({ id, ping: {} }));
    expect(first).toMatchObject({ kind: "rejected", id: undefined, error: { reason: "invalid_argument" } });
  }
  expect(jsonCodec.decode('{"ping":{},"id":4294967295}')).toEqual([{ kind: "ping", id: 4294967295 }]);
});

test("W20 an object has one command", () => {
  expect(fault({ ping: {}, ack: {} })).toBe('command: an object has one command, this one has "ping" and "ack"');
});

test("W21 a payload is exactly one of data, text and base64", () => {
  const want = "publish: exactly one of data, text and base64 must be there";
  expect(fault({ publish: { topic: "a" } })).toBe(want);
  expect(fault({ publish: { topic: "a", text: "", data: 1 } })).toBe(want);
  expect(fault({ publish: { topic: "a", base64: "?" } })).toBe(
    "publish.base64: it is not base64 (RFC 4648, the alphabet with + and /)",
  );
  expect(publish('{"publish":{"topic":"a","data":null}}').payload.text).toBe("null");
  expect([...publish('{"publish":{"topic":"a","base64":"AAEC/w"}}').payload.bytes]).toEqual([0, 1, 2, 255]);
});

test("W21 data goes on as it came", () => {
  const data = '{ "id" : 12345678901234567890, "x":1e400, "2":0,"1":0, "e":"\\u00e9" }';
  const line = `{"id":1,"publish":{"topic":"a","headers":{"data":"no"},"data":${data},"retain":true}}`;
  expect(publish(line).payload.text).toBe(data);
  const push = jsonCodec.message(message({ payload: publish(line).payload }), undefined, false);
  expect(push).toContain(`"data":${data}`);
  const [read] = jsonCodec.decodeServer(push);
  expect(read).toMatchObject({ kind: "push", push: { stored: { message: { payload: { text: data } } } } });
});

test("W21 a name that hides in escapes cannot bring other JSON in", () => {
  expect(fault('{"id":1,"publish":{"topic":"a","d\\u0061ta":1}}')).toBe(
    "publish.data: the names on the way to it must have no escapes",
  );
  // The last of equal names counts, as for JSON.parse.
  expect(publish('{"publish":{"topic":"a","data":1,"data":[2]}}').payload.text).toBe("[2]");
  expect(publish('{"publish":{"data":1},"publish":{"topic":"a","data":{"data":3}}}').payload.text).toBe('{"data":3}');
});

test("W21 W22 the body of an HTTP request is read as the fields of a command", () => {
  const command = readJsonCommand("publish", '{\n "topic": "a",\n "data": {\n  "n": 9007199254740993 }\n}');
  expect(command).toMatchObject({ kind: "publish", id: undefined, topic: "a" });
  const push = jsonCodec.message(message({ payload: (command as PublishCommand).payload }), undefined, false);
  expect(push).toContain('"data":{   "n": 9007199254740993 }');
  expect(() => readJsonCommand("publish", '{"topic":"a","text":""},"ping":{}')).toThrow("it is not JSON");
  expect(() => readJsonCommand("publish", "[]")).toThrow("it must be one JSON object");
});

test("W22 JSON with line breaks stays on its line", () => {
  const frame = jsonCodec.message(message({ payload: Payload.json('{\r\n"a":\n"b\\n"}') }), undefined, false);
  expect(frame).not.toMatch(/[\r\n]/);
  expect(JSON.parse(frame)).toMatchObject({ message: { data: { a: "b\n" } } });
});

test("W23 what is normal or not there is left out of a message", () => {
  const bare = message({});
  expect(jsonCodec.message(bare, undefined, false)).toBe(
    '{"message":{"topic":"a","offset":2,"previous":1,"time":5,"data":1}}',
  );
  const full = message({
    id: 'q"',
    from: "u",
    priority: 2,
    headers: { a: "b" },
    retain: true,
    payload: Payload.text("\n"),
  });
  expect(JSON.parse(jsonCodec.message(full, "+", true))).toEqual({
    message: {
      topic: "a",
      offset: 2,
      previous: 1,
      id: 'q"',
      from: "u",
      time: 5,
      text: "\n",
      priority: "high",
      headers: { a: "b" },
      retain: true,
      filter: "+",
      redelivered: true,
    },
  });
});

test("W24 what a newer server says is skipped", () => {
  const frames = jsonCodec.decodeServer('{"news":{"a":1}}\n{"id":1,"ping":{"load":3}}\n{"id":2,"other":{}}');
  expect(frames).toEqual([{ kind: "reply", id: 1, reply: { kind: "ping" } }]);
  const error = { code: 2999, reason: "new_reason", message: "x", temporary: true };
  expect(jsonCodec.decodeServer(JSON.stringify({ id: 1, error }))).toMatchObject([
    { reply: { error: { code: 2999, reason: "internal", temporary: true } } },
  ]);
});

test("W25 every limit is enforced at its edge", () => {
  const text = (length: number): string => "x".repeat(length);
  const headers = (count: number): object =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`h${i}`, "v"]));
  const info = (length: number): object => ({ a: text(length - '{"a":""}'.length) });
  const pub = (fields: object): object => ({ publish: { topic: "a", text: "", ...fields } });
  const cases: readonly (readonly [number, (size: number) => object])[] = [
    [LIMITS.topicBytes, (n) => ({ subscribe: { topic: text(n) } })],
    [LIMITS.messageIdChars, (n) => pub({ messageId: text(n) })],
    [LIMITS.headers, (n) => pub({ headers: headers(n) })],
    [LIMITS.headerNameChars, (n) => pub({ headers: { [text(n)]: "" } })],
    [LIMITS.headerValueChars, (n) => pub({ headers: { a: text(n) } })],
    [LIMITS.tokenChars, (n) => ({ connect: { token: text(n) } })],
    [LIMITS.clientChars, (n) => ({ connect: { client: text(n) } })],
    [LIMITS.epochChars, (n) => ({ subscribe: { topic: "a", since: { epoch: text(n), offset: 0 } } })],
    [LIMITS.presenceInfoChars, (n) => ({ subscribe: { topic: "a", presence: info(n) } })],
    [LIMITS.ackWindow, (n) => ({ subscribe: { topic: "a", window: n } })],
    [LIMITS.historyPage, (n) => ({ history: { topic: "a", limit: n } })],
    [Number.MAX_SAFE_INTEGER, (n) => ({ ack: { topic: "a", offset: n } })],
  ];
  for (const [limit, make] of cases) {
    expect(fault(make(limit))).toStartWith("accepted");
    expect(fault(make(limit + 1))).toMatch(/^[a-z]+\.[a-zA-Z.]+: /);
  }
});

test("W25 what must not be empty is not", () => {
  for (const command of [{ connect: { token: "" } }, { publish: { topic: "a", text: "", messageId: "" } }])
    expect(fault(command)).toEndWith(": it is empty");
  expect(fault({ subscribe: { topic: "a", window: 0 } })).toBe(
    "subscribe.window: it must be a whole number from 1 to 10000",
  );
  expect(fault('{"id":1,"publish":{"topic":"a","text":"","headers":{"__proto__":"x"}}}')).toBe(
    "publish.headers: no header is named __proto__",
  );
});
