import {
  Payload,
  type Message,
  type Origin,
  type PayloadFormat,
  type Priority,
  type Quality,
} from "@tidegate/protocol";

/** The fields of a message that have few values, as the bits of one number. Files and streams have them: they never change. */

const FORMATS: readonly PayloadFormat[] = ["json", "text", "binary"];
const ORIGINS: readonly Origin[] = ["websocket", "http", "mqtt", "grpc", "server"];
const FORMAT_CODE = codes(FORMATS);
const ORIGIN_CODE = codes(ORIGINS);

/** Bits 0-1 the format, 2-3 the priority, 4 retain, 5-7 the origin, 8-9 the quality and 1, or 0 where nobody states it. */
export function packFlags({ payload, priority, retain, origin, quality }: Message): number {
  const promised = quality === undefined ? 0 : quality + 1;
  return (
    FORMAT_CODE[payload.format] | (priority << 2) | (retain ? 16 : 0) | (ORIGIN_CODE[origin] << 5) | (promised << 8)
  );
}

/** From the form in which it was kept. */
export function payloadIn(flags: number, form: string | Uint8Array): Payload {
  const format = FORMATS[flags & 3] ?? "binary";
  if (typeof form !== "string") return Payload.of(format, form);
  return format === "json" ? Payload.json(form) : Payload.text(form);
}

/** What `fields` has not: they are everything else of the message. */
export function withFlags(flags: number, fields: Omit<Message, "priority" | "retain" | "origin" | "quality">): Message {
  const { topic, payload, id, from, time, headers } = fields;
  const priority = ((flags >> 2) & 3) as Priority;
  const retain = (flags & 16) !== 0;
  const origin = ORIGINS[(flags >> 5) & 7] ?? "server";
  const promised = (flags >> 8) & 3;
  if (promised === 0) return { topic, payload, id, from, time, priority, headers, retain, origin };
  const quality = (promised - 1) as Quality;
  return { topic, payload, id, from, time, priority, headers, retain, origin, quality };
}

function codes<T extends string>(names: readonly T[]): Record<T, number> {
  return Object.fromEntries(names.map((name, code) => [name, code])) as Record<T, number>;
}
