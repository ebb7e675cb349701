import type { Stored } from "@tidegate/protocol";
import type { Stream } from "../../log/stream.ts";
import type { MqttClient } from "./client.ts";
import { Courier } from "./courier.ts";
import type { Cursor } from "./cursor.ts";
import type { Overlap } from "./overlap.ts";

/**
 * Messages that a subscription comes to next, and another one of its client delivers. It goes on when that one has taken
 * them, as far as it has: it needs no room for them, does not read them again, and overtakes nothing.
 */
export interface Run {
  /** Delivers them. */
  readonly leader: Courier;
  /** Offset of the last one. */
  readonly last: number;
  /** In force when it was found: who delivers may be another one since. */
  readonly overlap: Overlap;
}

/**
 * How many messages a subscription may read on. As many as it left to others in a row need no room: what follows is likely
 * to be theirs as well.
 */
export function roomToRead({ room, state }: MqttClient, own: Courier, cursor: Cursor): number {
  const { run, passed, stream } = cursor;
  if (run === undefined || run.overlap !== state.overlap || follow(own, cursor, run)) return Math.max(room, passed);
  return run.leader.mustWait(stream, run.last) ? room : 0;
}

/** What another one delivers needs no room when that one has taken it, and waits for it unless it must wait itself. */
export function roomToTake(client: MqttClient, own: Courier, cursor: Cursor, next: Stored): number {
  const { stream } = cursor;
  const leader = leaderOf(client, own, next);
  cursor.passed = leader === own ? 0 : cursor.passed + 1;
  if (leader === own) return client.room;
  if (leader === undefined || takenBy(leader, stream) >= next.offset) return Infinity;
  return leader.mustWait(stream, next.offset) ? client.room : 0;
}

/** It has come to messages that it cannot take now: those from the first one on that another one delivers are remembered. */
export function meet(client: MqttClient, own: Courier, cursor: Cursor, messages: readonly Stored[]): void {
  const { overlap } = client.state;
  const leader = messages[0] && leaderOf(client, own, messages[0]);
  cursor.run = undefined;
  if (overlap === undefined || leader === undefined || leader === own) return;
  const end = messages.findIndex((stored) => leaderOf(client, own, stored) !== leader);
  const last = messages.at(end < 0 ? -1 : end - 1)!.offset;
  cursor.passed += end < 0 ? messages.length : end;
  cursor.run = { leader, last, overlap };
}

/** Goes as far as the one that delivers; whether the run is over. */
function follow(own: Courier, cursor: Cursor, { leader, last }: Run): boolean {
  const taken = Math.min(takenBy(leader, cursor.stream), last);
  if (taken > cursor.taken) {
    cursor.taken = taken;
    own.wentOn();
  }
  return cursor.taken >= last;
}

/** How far a subscription has come in a log; one that it does not read has nothing for it. */
function takenBy({ reader }: Courier, stream: Stream): number {
  const cursor = reader.cursors.find((each) => each.stream === stream);
  return cursor === undefined || cursor.current ? Infinity : cursor.taken;
}

/**
 * Who delivers a message to which a subscription has come, or at least goes before it; undefined if nobody delivers it, or
 * one at QoS 0.
 */
function leaderOf(client: MqttClient, own: Courier, stored: Stored): Courier | undefined {
  const { overlap } = client.state;
  const by = overlap?.goesFirst(own, client, stored) ?? overlap?.deliveryOf(client, stored)?.by;
  return by instanceof Courier ? by : undefined;
}
