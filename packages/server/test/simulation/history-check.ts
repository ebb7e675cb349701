import type { HistoryCommand, HistoryReply } from "@tidegate/protocol";
import type { Fact, Truth } from "./truth.ts";
import { must } from "./violation.ts";

/** Holds one page of history against what is stored. `asked`: the event after which the question was sent. */
export function checkHistory(truth: Truth, command: HistoryCommand, reply: HistoryReply, asked: number): void {
  const { topic, after, before } = command;
  const { epoch, messages, complete, more } = reply;
  const check = (holds: boolean, message: string) =>
    must(holds, "G7", () => `history of ${topic} after ${after?.offset} before ${before}: ${message}`, [topic]);
  const from = after !== undefined && after.epoch === epoch ? after.offset : 0;
  let last = complete && before === undefined && after !== undefined ? from : undefined;
  for (const { offset, message } of messages) {
    const fact = truth.at(epoch, offset);
    check(fact?.topic === topic && fact.key === message.payload.text, `message ${offset} is not as it was stored`);
    check(offset > (last ?? from) && offset < (before ?? Infinity), `message ${offset} is out of place`);
    if (last !== undefined)
      check(truth.first(epoch, topic, last, offset - 1) === undefined, `${last} to ${offset}: a hole`);
    last = offset;
  }
  if (last === undefined || (more && before === undefined && after !== undefined)) return;
  const missing = [...truth.between(epoch, topic, last, (before ?? Infinity) - 1)].find((fact) =>
    wasKnown(fact, asked),
  );
  check(missing === undefined, `message ${missing?.stored.offset} is missing at the end`);
}

function wasKnown(fact: Fact, asked: number): boolean {
  return fact.known !== undefined && fact.known < asked;
}
