import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Codec } from "../src/codec.ts";
import { CODECS, isSubprotocol } from "../src/codec.ts";
import { commandIds, commands, filters, plain, pushes, replies, storeds } from "./arbitraries.ts";

const RUNS = { numRuns: 400 };

test("W2 the registry knows both subprotocols by name", () => {
  expect(Object.keys(CODECS)).toEqual(["tidegate.v1.json", "tidegate.v1.proto"]);
  expect(isSubprotocol("tidegate.v1.json")).toBe(true);
  expect(isSubprotocol("toString")).toBe(false);
});

contract(CODECS["tidegate.v1.json"], "hello");
contract(CODECS["tidegate.v1.proto"], Uint8Array.of(1));

/** What holds for every codec of the registry. */
function contract<F extends string | Uint8Array>(codec: Codec<F>, example: F): void {
  describe(codec.subprotocol, () => {
    test("W11 every command comes out as it went in", () => {
      fc.assert(
        fc.property(commands, (command) => {
          expect(plain(codec.decode(codec.encodeCommand(command)))).toEqual([plain(command)]);
        }),
        RUNS,
      );
    });

    test("W12 every reply comes out as it went in, with its id", () => {
      fc.assert(
        fc.property(commandIds, replies, (given, reply) => {
          const id = given ?? (reply.kind === "error" ? undefined : 1);
          expect(plain(codec.decodeServer(codec.reply(id, reply)))).toEqual([plain({ kind: "reply", id, reply })]);
        }),
        RUNS,
      );
    });

    test("W13 every push comes out as it went in", () => {
      fc.assert(
        fc.property(pushes, (push) => {
          expect(plain(codec.decodeServer(codec.push(push)))).toEqual([plain({ kind: "push", push })]);
        }),
        RUNS,
      );
    });

    test("W13 a message push is its body wrapped", () => {
      fc.assert(
        fc.property(storeds, fc.option(filters, { nil: undefined }), fc.boolean(), (stored, filter, redelivered) => {
          const push = { kind: "message", stored, filter, redelivered } as const;
          const frame = codec.message(stored, filter, redelivered);
          expect(frame).toEqual(codec.push(push));
          expect(codec.wrap(codec.body(stored), filter, redelivered)).toEqual(frame);
        }),
        RUNS,
      );
    });

    test("W10 several commands in one frame come out in their order", () => {
      fc.assert(
        fc.property(fc.array(commands, { minLength: 1, maxLength: 8 }), (list) => {
          const frame = codec.join(list.map((command) => codec.encodeCommand(command)));
          expect(plain(codec.decode(frame))).toEqual(plain(list));
        }),
        RUNS,
      );
    });

    test("W10 several pushes in one frame come out in their order", () => {
      fc.assert(
        fc.property(fc.array(pushes, { minLength: 1, maxLength: 8 }), (list) => {
          const frame = codec.join(list.map((push) => codec.push(push)));
          expect(plain(codec.decodeServer(frame))).toEqual(list.map((push) => plain({ kind: "push", push })));
        }),
        RUNS,
      );
    });

    test("W10 one frame joined is itself", () => {
      expect(codec.join([example])).toEqual(example);
    });
  });
}
