import { expect, test } from "bun:test";
import { matches, Payload, type Stored } from "@tidegate/protocol";
import fc from "fast-check";
import type { Batch } from "../../src/delivery/batch.ts";
import { Flusher } from "../../src/delivery/flusher.ts";
import type { DeliveryPolicy } from "../../src/delivery/group.ts";
import { Hub } from "../../src/delivery/hub.ts";
import type { Stream } from "../../src/log/stream.ts";
import { FakeClock } from "../support/fake-clock.ts";

const POLICY: DeliveryPolicy = { batch: { delay: 0, messages: 100, bytes: 1e6 }, slowConsumer: "close", ackWait: 1000 };

/** These receivers ask nothing of a log. */
const NO_STREAM = { dispatched: 0 } as Stream;

function hubAlone(): Hub {
  const flusher = new Flusher(new FakeClock(), { publish() {} }, 0);
  return new Hub(
    flusher,
    () => POLICY,
    () => NO_STREAM,
  );
}

function message(topic: string, offset: number): Stored {
  const common = { id: undefined, from: undefined, time: 0, priority: 1, retain: false, origin: "server" } as const;
  return { message: { ...common, topic, payload: Payload.text(""), headers: undefined }, offset, previous: 0 };
}

const topic = fc.constantFrom("a/b", "a/c", "a/b/c", "b", "$a/b");
const step = fc.oneof(
  topic.map((name) => ({ do: "publish", name }) as const),
  fc.constantFrom("a/+", "#", "+/b", "a/#", "$a/#", "a/b").map((name) => ({ do: "toggle", name }) as const),
);

test("D2 filters that come and go between messages get those of their time, whatever was published before", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const hub = hubAlone();
      const there = new Map<string, () => void>();
      const [got, expected]: [string[], string[]] = [[], []];
      for (const [offset, { do: what, name }] of steps.entries()) {
        if (what === "publish") {
          for (const filter of there.keys()) if (matches(filter, name)) expected.push(`${filter} ${offset}`);
          hub.messages([message(name, offset)]);
        } else if (there.has(name)) {
          there.get(name)?.();
          there.delete(name);
        } else {
          const group = hub.group(name);
          const receiver = {
            deliver: (batch: Batch) => void got.push(...batch.messages.map((each) => `${name} ${each.offset}`)),
          };
          group.addDirect(receiver);
          there.set(name, () => {
            group.removeDirect(receiver);
            hub.release(group);
          });
        }
      }
      expect(got.toSorted()).toEqual(expected.toSorted());
    }),
    { numRuns: 300 },
  );
});
