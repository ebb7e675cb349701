import { describe, expect, test } from "bun:test";
import { Payload, type Message, type Origin, type Priority, type Quality, type Stored } from "@tidegate/protocol";
import * as fc from "fast-check";
import { bench, type LogSubject } from "./subject.ts";

/** A new payload for each use: one that was read once holds both forms. */
const payload = fc.oneof(
  fc.json().map((text) => () => Payload.json(text)),
  fc.string({ unit: "binary" }).map((text) => () => Payload.text(text)),
  fc.uint8Array().map((bytes) => () => Payload.binary(bytes)),
  fc.json().map((text) => () => Payload.of("json", new TextEncoder().encode(text))),
  fc.string({ unit: "binary" }).map((text) => () => Payload.of("text", new TextEncoder().encode(text))),
);

const draft = fc.record({
  topic: fc.constantFrom("a", "b/c", "ünï/код", "x/😀"),
  payload,
  id: fc.option(fc.string({ unit: "binary", minLength: 1 }), { nil: undefined }),
  from: fc.option(fc.string({ unit: "binary" }), { nil: undefined }),
  time: fc.integer({ min: 0, max: 8_640_000_000_000_000 }),
  priority: fc.constantFrom<Priority>(0, 1, 2),
  headers: fc.option(fc.dictionary(fc.string(), fc.string({ unit: "binary" })), { nil: undefined }),
  retain: fc.boolean(),
  origin: fc.constantFrom<Origin>("websocket", "http", "mqtt", "grpc", "server"),
  quality: fc.constantFrom<Quality | undefined>(undefined, 0, 1, 2),
});

/** A quality that nobody states is left out. */
function messageOf({ payload: body, quality, ...rest }: DraftOf<typeof draft>): Message {
  return { ...rest, payload: body(), ...(quality === undefined ? {} : { quality }) };
}

type DraftOf<A> = A extends fc.Arbitrary<infer T> ? T : never;

export function roundTripContract(name: string, subject: LogSubject): void {
  describe(`${name}: fields`, () => {
    test("L5 every field of a message comes back as it was, before and after a restart", async () => {
      const made = await bench(subject, { idWindow: 0 });
      await fc.assert(
        fc.asyncProperty(fc.array(draft, { minLength: 1, maxLength: 20 }), async (drafts) => {
          const after = made.log.head();
          await made.log.append(drafts.map(messageOf));
          const { messages } = await made.log.read({ filter: "#", after, limit: 100 });
          expect(messages.map(plain)).toEqual(drafts.map((one) => plainMessage(messageOf(one))));
        }),
        { numRuns: 60 },
      );
      const before = (await made.log.read({ filter: "#", after: 0, limit: 5000 })).messages.map(plainStored);
      await made.restart();
      expect((await made.log.read({ filter: "#", after: 0, limit: 5000 })).messages.map(plainStored)).toEqual(before);
    });
  });
}

function plain(stored: Stored): unknown {
  return plainMessage(stored.message);
}

function plainStored(stored: Stored): unknown {
  return [stored.offset, stored.previous, plain(stored)];
}

function plainMessage(message: Message): unknown {
  const { payload: body, headers, ...rest } = message;
  const { format } = body;
  // dictionary() makes objects without a prototype, which toEqual tells from plain ones.
  return {
    ...rest,
    headers: headers && Object.entries(headers),
    format,
    bytes: [...body.bytes],
    text: format === "binary" ? "" : body.text,
    size: body.size,
  };
}
