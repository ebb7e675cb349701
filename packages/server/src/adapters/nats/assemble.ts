import type { JetStreamManager } from "@nats-io/jetstream";
import type { Msg, NatsConnection } from "@nats-io/transport-node";
import type { Clock } from "../../clock.ts";
import { Audit } from "./audit.ts";
import { Barrier } from "./barrier.ts";
import { Chain } from "./chain.ts";
import { Direct, rawOf } from "./direct.ts";
import { Duplicates } from "./duplicates.ts";
import { Exchange } from "./exchange.ts";
import { Handover } from "./handover.ts";
import { Subscriber } from "./interest.ts";
import { InterestTail } from "./interest-tail.ts";
import { Interests } from "./interests.ts";
import { Lost } from "./lost.ts";
import type { OpenStream } from "./open-stream.ts";
import { DEFAULTS, type NatsLogOptions } from "./options.ts";
import { Publisher } from "./publisher.ts";
import { Reader, type ReaderParts } from "./reader.ts";
import { Retainer } from "./retainer.ts";
import { Room } from "./room.ts";
import { interestSight, wholeSight } from "./sight.ts";
import { WholeTail, type Tail, type TailParts } from "./tail.ts";
import type { Subjects } from "./subjects.ts";
import { Trimmer } from "./trimmer.ts";

/** What a log on NATS is made of. */
export interface Parts {
  readonly connection: NatsConnection;
  readonly clock: Clock;
  readonly jsm: JetStreamManager;
  readonly subjects: Subjects;
  readonly epoch: string;
  readonly exchange: Exchange;
  readonly direct: Direct;
  readonly publisher: Publisher;
  readonly room: Room;
  readonly reader: Reader;
  readonly handover: Handover;
  readonly lost: Lost;
  readonly tail: Tail;
  /** Only by interest. */
  readonly subscriber: Subscriber | undefined;
  readonly barrier: Barrier | undefined;
  readonly audit: Audit | undefined;
  readonly trimmer: Trimmer;
  readonly state: { closing: boolean };
  /** Takes what the stream sends on. */
  readonly callback: (error: Error | null, message: Msg) => void;
}

export interface Given {
  readonly connection: NatsConnection;
  readonly jsm: JetStreamManager;
  readonly stream: OpenStream;
  readonly options: NatsLogOptions;
}

/** Puts the parts together; nothing moves yet. */
export function assemble(given: Given): Parts {
  const { connection, jsm, stream, options } = given;
  const { clock, retention, timeout = DEFAULTS.timeout, maxInFlight = DEFAULTS.maxInFlight } = options;
  const { subjects, epoch } = stream;
  const state = { closing: false };
  const isClosed = (): boolean => state.closing;
  const exchange = new Exchange(connection, clock, timeout);
  const direct = new Direct(exchange, options.stream);
  const lost = new Lost();
  const chain = new Chain(direct, subjects, lost);
  const handover: Handover = new Handover(clock, (links) => publisher.handed(links));
  const base = { clock, exchange, direct, chain, subjects, retention, handover, lost, timeout, isClosed };
  const node = options.randomId();
  const { tail, sight, subscriber, barrier, audit, mend, callback } = tailOf({
    ...given,
    ...base,
    node,
    warn: options.warn,
  });
  const duplicates = new Duplicates(base);
  const room = new Room();
  const publisher: Publisher = new Publisher({
    ...base,
    duplicates,
    retainer: new Retainer(base),
    tail,
    node,
    room,
    maxInFlight,
  });
  const reader = new Reader({ ...base, sight, mend });
  const idWindow = stream.info.config.duplicate_window / NANOS;
  const { maxBytes, clockMargin = DEFAULTS.clockMargin } = options;
  const trimmer = new Trimmer({ ...base, jsm, stream: options.stream, idWindow, clockMargin, maxBytes });
  const flow = { exchange, direct, publisher, room, reader, handover, lost, tail, subscriber, barrier, audit, trimmer };
  return { connection, clock, jsm, subjects, epoch, ...flow, state, callback };
}

type FollowParts = Given &
  TailParts & {
    readonly exchange: Exchange;
    readonly node: string;
    readonly timeout: number;
    readonly isClosed: () => boolean;
  };

type Following = Pick<Parts, "tail" | "subscriber" | "barrier" | "audit" | "callback"> &
  Pick<ReaderParts, "sight" | "mend">;

function tailOf(parts: FollowParts): Following {
  const { handover } = parts;
  if (parts.options.byInterest === true) return interestTailOf(parts);
  const tail = new WholeTail(parts);
  // Sequences show what is missing.
  const none = { subscriber: undefined, barrier: undefined, audit: undefined, mend: () => undefined };
  return { tail, ...none, callback: taker(tail), sight: () => Promise.resolve(wholeSight(handover)) };
}

function interestTailOf(parts: FollowParts): Following {
  const { connection, subjects, exchange, clock, node, timeout, handover, isClosed } = parts;
  const interests = new Interests();
  let marks = connection.subscribe(subjects.liveMarkOf(node), {
    callback: (error, message) => callback(error, message),
  });
  const renew = (): void => {
    marks.unsubscribe();
    marks = connection.subscribe(subjects.liveMarkOf(node), { callback });
  };
  const barrier = new Barrier({ exchange, clock, subject: subjects.markOf(node), renew, timeout });
  const tail = new InterestTail({ ...parts, interests, barrier });
  const callback = taker(tail);
  const subscriber = new Subscriber({ connection, clock, subjects, interests, barrier, callback, isClosed });
  const sight: ReaderParts["sight"] = (filter) => interestSight(filter, { interests, barrier, handover });
  const mend: ReaderParts["mend"] = (raw) => tail.mend(raw);
  const audit = new Audit({ ...parts, interests, mend });
  return { tail, subscriber, barrier, audit, mend, callback, sight };
}

function taker(tail: Tail): Parts["callback"] {
  return (error, message) => {
    if (error === null) tail.take(rawOf(message));
  };
}

const NANOS = 1_000_000;
