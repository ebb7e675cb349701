import type { Stream } from "../../log/stream.ts";
import type { MqttContext } from "./context.ts";
import type { Run } from "./run.ts";
import type { StartAt } from "./subscription.ts";

/** How far a filter has been read in one log. */
export interface Cursor {
  readonly stream: Stream;
  /** Everything up to here was taken. */
  taken: number;
  /** Everything that was dispatched so far was taken: a live message may follow directly. */
  current: boolean;
  reading: boolean;
  /** Somebody said while the log was read that there is room. */
  asked: boolean;
  /** A live message came while the log was read. */
  stale: boolean;
  /** Messages that it left to other subscriptions of the client since its own last one. */
  passed: number;
  /** The last ones that it came to, and could not leave yet. */
  run: Run | undefined;
}

/** The logs that may hold topics of a filter. */
export function streamsOf(context: MqttContext, filter: string): readonly Stream[] {
  const place = context.services.hub.placeOf(filter);
  return place === undefined ? context.streams() : [place];
}

/** Where the logs of a filter stand now. */
export function nowIn(context: MqttContext, filter: string): StartAt {
  return new Map(streamsOf(context, filter).map(({ log, dispatched }) => [log.epoch, dispatched]));
}

/** One for each log of a filter; a log that `startAt` does not name begins now. */
export function cursorsOf(context: MqttContext, filter: string, startAt: StartAt): readonly Cursor[] {
  return streamsOf(context, filter).map((stream) => cursorAt(stream, startAt));
}

function cursorAt(stream: Stream, startAt: StartAt): Cursor {
  const { dispatched, log } = stream;
  const start = startAt.get(log.epoch);
  const taken = start === undefined || start > dispatched ? dispatched : start;
  const current = taken >= dispatched;
  return { stream, taken, current, reading: false, asked: false, stale: false, passed: 0, run: undefined };
}
