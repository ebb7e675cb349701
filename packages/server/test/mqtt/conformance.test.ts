import { expect, test } from "bun:test";
import fc from "fast-check";
import { Payload, type Message } from "@tidegate/protocol";
import { headersOf, propertiesOf } from "../../src/transport/mqtt/headers.ts";

type Pairs = readonly (readonly [string, string])[];

const PLAIN: Message = {
  topic: "a/b",
  payload: Payload.text("x"),
  id: undefined,
  from: undefined,
  time: 0,
  priority: 1,
  headers: undefined,
  retain: false,
  origin: "mqtt",
};

/** User properties as subscribers get them. */
function handedOn(userProperties: Pairs): Pairs | undefined {
  const headers = headersOf({ userProperties }, undefined);
  return propertiesOf({ ...PLAIN, headers }, undefined)?.userProperties;
}

test("MC3 user properties are handed on unaltered and in their order, also where their names are numbers", () => {
  const named: readonly Pairs[] = [
    [
      ["b", "1"],
      ["10", "x"],
      ["2", "y"],
      ["a", ""],
    ],
    [
      ["x", "1"],
      ["x", "2"],
      ["", "3"],
    ],
    [
      ["content-type", "no"],
      ["__proto__", "z"],
      ["mqtt-client", "c"],
      ["mqtt-user-properties", "[]"],
    ],
  ];
  for (const pairs of named) expect(handedOn(pairs)).toEqual(pairs);
});

test("MC3 whatever user properties are, they are handed on unaltered and in their order", () => {
  const text = fc.oneof(fc.nat().map(String), fc.constantFrom("", "x", "__proto__", "constructor"), fc.string());
  const sayable = text.map((each) => each.replaceAll("\0", "").toWellFormed());
  fc.assert(
    fc.property(fc.array(fc.tuple(sayable, sayable), { minLength: 1, maxLength: 6 }), (pairs) => {
      expect(handedOn(pairs)).toEqual(pairs);
    }),
  );
});
