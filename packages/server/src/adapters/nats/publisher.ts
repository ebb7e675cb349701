import type { Message } from "@tidegate/protocol";
import type { Clock } from "../../clock.ts";
import { Fifo } from "../../log/fifo.ts";
import { LogUnavailable, type Appended, type RetentionOf } from "../../log/log.ts";
import type { Call } from "./call.ts";
import { Calls } from "./calls.ts";
import type { Link } from "./chain.ts";
import type { Duplicates } from "./duplicates.ts";
import type { Exchange } from "./exchange.ts";
import type { Handover } from "./handover.ts";
import type { Ack } from "./ack.ts";
import { messageId, type Outgoing, send } from "./outgoing.ts";
import { isSettled, type Retainer } from "./retainer.ts";
import type { Room } from "./room.ts";
import type { Subjects } from "./subjects.ts";
import type { Tail } from "./tail.ts";
import { unavailable } from "./unavailable.ts";

export interface PublisherParts {
  readonly clock: Clock;
  readonly exchange: Exchange;
  readonly subjects: Subjects;
  readonly retention: RetentionOf;
  readonly duplicates: Duplicates;
  readonly retainer: Retainer;
  readonly tail: Tail;
  readonly handover: Handover;
  /** This gateway's name in the stream: new for each opening. */
  readonly node: string;
  readonly timeout: number;
  readonly room: Room;
  readonly maxInFlight: number;
}

/** A message on its way: it is stored when the stream acknowledged it, and answered when the tail had it, too. */
interface Flight {
  readonly call: Call;
  readonly index: number;
  /** From the acknowledgement. */
  seq: number | undefined;
  /** From the tail. */
  link: Link | undefined;
  /** Part of the message id: the offset of the one whose window is over. */
  generation: number;
  /** Stops waiting for the acknowledgement. */
  forget: (() => void) | undefined;
}

/** Publishes in the order of the calls, many at once, and answers each call when all of its messages are stored. */
export class Publisher {
  readonly #parts: PublisherParts;
  readonly #flights = new Map<number, Flight>();
  readonly #queue = new Fifo<Flight>();
  readonly #calls: Calls;
  #inFlight = 0;
  #ticket = 0;

  constructor(parts: PublisherParts) {
    this.#parts = parts;
    this.#calls = new Calls((call) => this.#forget(call));
  }

  append(messages: readonly Message[]): Promise<readonly Appended[]> {
    const { fault } = this.#parts.exchange;
    if (fault !== undefined) return Promise.reject(new LogUnavailable(fault));
    if (messages.length === 0) return Promise.resolve([]);
    const call = this.#calls.open(messages);
    const { timeout } = this.#parts;
    const late = (): void => call.fail(new LogUnavailable(`the stream did not acknowledge within ${timeout} ms`));
    const cancel = this.#parts.clock.after(timeout, late);
    for (const index of messages.keys())
      this.#queue.push({ call, index, seq: undefined, link: undefined, generation: 0, forget: undefined });
    this.#pump();
    return call.promise.finally(cancel);
  }

  /** Resolves when no call is under way. */
  idle(): Promise<void> {
    return this.#calls.idle();
  }

  /** The tail had these: some may be this gateway's. */
  handed(links: readonly Link[]): void {
    for (const link of links) {
      const flight = link.node === this.#parts.node ? this.#flights.get(link.ticket) : undefined;
      if (flight === undefined) continue;
      flight.link = link;
      if (flight.seq !== undefined) this.#stored(link.ticket, flight, link);
    }
  }

  /** Waits for nothing more of a call that failed. */
  #forget(call: Call): void {
    for (const [ticket, flight] of this.#flights) {
      if (flight.call !== call) continue;
      this.#flights.delete(ticket);
      if (flight.forget === undefined) continue;
      flight.forget();
      this.#inFlight -= 1;
    }
  }

  #pump(): void {
    while (this.#inFlight < this.#parts.maxInFlight) {
      const flight = this.#queue.shift();
      if (flight === undefined) return;
      if (!flight.call.hasFailed) this.#send(flight);
    }
  }

  #send(flight: Flight): void {
    const { exchange } = this.#parts;
    if (exchange.fault !== undefined) return flight.call.fail(new LogUnavailable(exchange.fault));
    const ticket = ++this.#ticket;
    try {
      const outgoing = this.#outgoing(flight, ticket);
      flight.forget = send(this.#parts, outgoing, (ack, copy) => this.#answered(ticket, flight, ack, copy));
      this.#flights.set(ticket, flight);
      this.#inFlight += 1;
    } catch (error) {
      flight.call.fail(new LogUnavailable(`not sent to NATS: ${(error as Error).message}`, { cause: error }));
    }
  }

  #outgoing(flight: Flight, ticket: number): Outgoing {
    const message = messageOf(flight);
    const { clock, node, retention, room } = this.#parts;
    room.sent(message);
    const known = message.id !== undefined && retention(message.topic).idWindow > 0;
    const id = known ? messageId(message.topic, message.id, flight.generation) : undefined;
    return { message, id, mark: { node, ticket, at: clock.now() } };
  }

  #answered(ticket: number, flight: Flight, ack: Ack, copy: Ack | undefined): void {
    this.#inFlight -= 1;
    flight.forget = undefined;
    if (copy === undefined || isSettled(ack, copy)) this.#acknowledged(ticket, flight, ack);
    else void this.#settle(ticket, flight, ack);
    this.#pump();
  }

  /** Answers only when the retained value is what the history says. */
  async #settle(ticket: number, flight: Flight, ack: Ack): Promise<void> {
    const { topic } = messageOf(flight);
    try {
      // One that was refused may have left its copy: the newest of all the topic's messages is the value.
      await this.#parts.retainer.settle(topic, ack.kind === "refused" ? 1 : ack.seq);
      this.#acknowledged(ticket, flight, ack);
    } catch (error) {
      flight.call.fail(unavailable(error));
    }
  }

  #acknowledged(ticket: number, flight: Flight, ack: Ack): void {
    if (ack.kind === "stored") return this.#acked(ticket, flight, ack);
    this.#flights.delete(ticket);
    if (ack.kind === "refused") flight.call.fail(new LogUnavailable(ack.why));
    else void this.#duplicate(flight, ack.seq);
  }

  #acked(ticket: number, flight: Flight, ack: Extract<Ack, { kind: "stored" }>): void {
    flight.seq = ack.seq;
    const { tail, handover } = this.#parts;
    const { topic } = messageOf(flight);
    if (flight.link !== undefined) return this.#stored(ticket, flight, flight.link);
    const isCovered = tail.covers(topic, ack.seq);
    if (isCovered && ack.seq <= handover.handed) return flight.call.fail(new LogUnavailable(COUNTS_ANEW));
    tail.acknowledged(ack.seq);
    if (!isCovered) this.#stored(ticket, flight, { offset: ack.seq, previous: undefined });
  }

  #stored(ticket: number, { call, index }: Flight, stored: Appended["stored"]): void {
    this.#flights.delete(ticket);
    const { offset, previous } = stored;
    call.answer(index, { stored: { offset, previous }, duplicate: false });
  }

  /** The stream knew the id. If the window of its topic is over, the message is stored after all, under another name. */
  async #duplicate(flight: Flight, seq: number): Promise<void> {
    const { call, index } = flight;
    if (call.hasFailed) return;
    try {
      const first = await this.#parts.duplicates.first(messageOf(flight), seq);
      if (first.inWindow) call.answer(index, { stored: first.stored, duplicate: true });
      else this.#send({ ...flight, generation: first.stored.offset });
    } catch (error) {
      call.fail(unavailable(error));
    }
  }
}

function messageOf({ call, index }: Flight): Message {
  // oxlint-disable-next-line typescript/no-non-null-assertion -- the index is of this call
  return call.messages[index]!;
}

/** A stream with the same name and subjects, put in the place of the one that was opened. */
const COUNTS_ANEW = "the stream was lost and made anew; the log must be opened anew";
