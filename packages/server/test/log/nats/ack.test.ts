import { expect, test } from "bun:test";
import type { Msg } from "@nats-io/transport-node";
import { parseAck } from "../../../src/adapters/nats/ack.ts";

function answer(text: string): Msg {
  const data = new TextEncoder().encode(text);
  return { data, headers: undefined, string: () => text, json: () => JSON.parse(text) } as unknown as Msg;
}

test.each([
  ['{"stream":"tidegate-process","seq":1}', { kind: "stored", seq: 1 }],
  ['{"stream":"s","seq":9007199254740}', { kind: "stored", seq: 9007199254740 }],
  ['{"stream":"s", "seq": 12}', { kind: "stored", seq: 12 }],
  ['{"stream":"\\"seq\\":7","seq":12}', { kind: "stored", seq: 12 }],
  ['{"stream":"s","domain":"hub","seq":5}', { kind: "stored", seq: 5 }],
  ['{"stream":"s","seq":5,"domain":"hub"}', { kind: "stored", seq: 5 }],
  ['{"stream":"s","seq":5,"duplicate": true}', { kind: "duplicate", seq: 5 }],
])("L73 an acknowledgement is read as it is: %s", (text, ack) => {
  expect(parseAck(answer(text))).toMatchObject(ack);
});

test.each([
  '{"error":{"code":503,"err_code":10077,"description":"maximum messages exceeded"},"stream":"s","seq":0}',
  '{"error":{"code":400,"err_code":10071,"description":"wrong last sequence: 7"},"stream":"s","seq":7}',
])("L73 a refusal is none: %s", (text) => {
  expect(parseAck(answer(text)).kind).toBe("refused");
});

test("L73 no answer, because the connection was lost, is a refusal", () => {
  expect(parseAck(undefined).kind).toBe("refused");
});
