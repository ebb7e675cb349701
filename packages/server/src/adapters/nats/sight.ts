import { isWildcard } from "@tidegate/protocol";
import type { Barrier } from "./barrier.ts";
import type { Handover } from "./handover.ts";
import type { Interests } from "./interests.ts";
import type { Sight } from "./reader.ts";

/** With every message in the tail, a read goes as far as that was handed on. */
export function wholeSight(handover: Handover): Sight {
  return { upTo: handover.handed, head: handover.head };
}

/**
 * By interest: topics that nobody asked for are read to their end; those that somebody did, as far as they were handed on. A
 * filter that somebody asked for a part of is read as far as a mark that is set now.
 */
export async function interestSight(filter: string, parts: SightParts): Promise<Sight> {
  const { interests, barrier, handover } = parts;
  if (!interests.touches(filter)) return { upTo: Number.MAX_SAFE_INTEGER, head: undefined };
  if (isWildcard(filter) && !interests.hasAll(filter)) await barrier.pass();
  return { upTo: handover.handed, head: Math.min(handover.handed, handover.head) };
}

export interface SightParts {
  readonly interests: Interests;
  readonly barrier: Barrier;
  readonly handover: Handover;
}
