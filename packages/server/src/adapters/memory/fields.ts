import { type Message, type Origin, type PayloadFormat, type Priority, type Quality } from "@tidegate/protocol";

/** The fields of a message that have few values, as the bits of one number. */

const FORMATS: readonly PayloadFormat[] = ["json", "text", "binary"];
const ORIGINS: readonly Origin[] = ["websocket", "http", "mqtt", "grpc", "server"];
/** Of a message whose publisher states no quality. */
const NO_QUALITY = 3;

export interface Small extends Pick<Message, "priority" | "retain" | "origin"> {
  readonly format: PayloadFormat;
  readonly quality: Quality | undefined;
}

export function packSmall({ payload, priority, retain, origin, quality }: Message): number {
  const format = FORMATS.indexOf(payload.format);
  return (
    format | (priority << 2) | (Number(retain) << 4) | (ORIGINS.indexOf(origin) << 5) | ((quality ?? NO_QUALITY) << 8)
  );
}

export function unpackSmall(bits: number): Small {
  const quality = (bits >> 8) & 3;
  return {
    format: FORMATS[bits & 3]!,
    priority: ((bits >> 2) & 3) as Priority,
    retain: ((bits >> 4) & 1) === 1,
    origin: ORIGINS[(bits >> 5) & 7]!,
    quality: quality === NO_QUALITY ? undefined : (quality as Quality),
  };
}
