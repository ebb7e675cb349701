import type { Message, Origin, PayloadFormat, Priority, Quality } from "@tidegate/protocol";

/** The fields of a message that have few values are the bits of one number. */

const FORMATS: readonly PayloadFormat[] = ["json", "text", "binary"];
const ORIGINS: readonly Origin[] = ["websocket", "http", "mqtt", "grpc", "server"];
/** Of a message whose publisher states no quality. */
const NO_QUALITY = 3;

export function packFields({ payload, priority, retain, origin, quality }: Message): number {
  const format = FORMATS.indexOf(payload.format);
  const low = format | (priority << 2) | (Number(retain) << 4) | (ORIGINS.indexOf(origin) << 5);
  return low | ((quality ?? NO_QUALITY) << 8);
}

export function formatIn(bits: number): PayloadFormat {
  return FORMATS[bits & 3]!;
}

export function priorityIn(bits: number): Priority {
  return ((bits >> 2) & 3) as Priority;
}

export function retainIn(bits: number): boolean {
  return ((bits >> 4) & 1) === 1;
}

export function originIn(bits: number): Origin {
  return ORIGINS[(bits >> 5) & 7]!;
}

export function qualityIn(bits: number): Quality | undefined {
  const quality = (bits >> 8) & 3;
  return quality === NO_QUALITY ? undefined : (quality as Quality);
}
