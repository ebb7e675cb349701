import type { Stored } from "@tidegate/protocol";
import { withPacketId } from "@tidegate/protocol/mqtt";
import type { MqttClient } from "./client.ts";
import { frameOf, qosOf } from "./deliver.ts";
import { isFrom } from "./headers.ts";
import { type Cursor, LogReader } from "./log-reader.ts";
import type { ActiveSubscription, StartAt, SubscriptionOptions } from "./subscription.ts";
import type { OutFlight } from "./window.ts";

/**
 * A subscription at QoS 1 or 2. What is under way is bounded by the client's receive maximum; the rest stays in the log
 * until there is room, and so does everything for a client that is away.
 */
export class Courier implements ActiveSubscription {
  readonly filter: string;
  options: SubscriptionOptions;
  readonly since: StartAt;
  readonly reader: LogReader;
  readonly #client: MqttClient;
  /** Offsets that were under way before the client came back, and are again. */
  readonly #again = new Map<Cursor, Set<number>>();
  /** Retained values that go before everything else. */
  #first: Stored[] = [];
  #held = true;

  constructor(
    client: MqttClient,
    filter: string,
    { options, since }: Pick<ActiveSubscription, "options" | "since">,
    startAt: StartAt,
  ) {
    this.filter = filter;
    this.options = options;
    this.since = since;
    this.#client = client;
    this.reader = new LogReader(client.context, filter, startAt, {
      room: () => (this.#held || this.#first.length > 0 ? 0 : client.window.room),
      take: (stored, cursor) => this.#take(stored, cursor),
      pause: () => client.session.whenWritable(),
      failed: (error) => client.failed(error, "reading the log"),
      hungry: () => client.hungry.add(this),
    });
  }

  /** Sends nothing before this; `first` goes before all others. */
  release(first: readonly Stored[] = []): void {
    this.#held = false;
    this.#first.push(...first);
    this.pump();
  }

  /** There may be room again. */
  pump(): void {
    const { window } = this.#client;
    while (this.#first.length > 0 && window.room > 0 && !this.#held) this.#send(this.#first.shift()!, undefined);
    if (this.#first.length > 0) this.#client.hungry.add(this);
    this.reader.pump();
  }

  stop(): void {
    this.reader.stop();
    this.#client.hungry.delete(this);
  }

  /** Sends a message that this client was sent before it went away, under the same packet id. */
  sendAgain(stored: Stored, flight: OutFlight): void {
    this.#post(stored, flight, true);
  }

  /** The message is under way again: it is passed over when the log is read. */
  passOver(flight: OutFlight): void {
    const { cursor, offset } = flight;
    if (cursor === undefined || offset <= cursor.taken) return;
    const offsets = this.#again.get(cursor);
    if (offsets === undefined) this.#again.set(cursor, new Set([offset]));
    else offsets.add(offset);
  }

  /** Everything of a log up to this offset is done. */
  done(cursor: Cursor): number {
    let done = cursor.taken;
    for (const flight of this.#client.window.flights)
      if (flight.cursor === cursor && !flight.done && flight.offset <= done) done = flight.offset - 1;
    return done;
  }

  #take(stored: Stored, cursor: Cursor): void {
    if (this.#again.get(cursor)?.delete(stored.offset) !== true) this.#send(stored, cursor);
  }

  /** `cursor` is undefined for the retained value of a topic. */
  #send(stored: Stored, cursor: Cursor | undefined): void {
    const client = this.#client;
    if (this.options.noLocal && isFrom(stored.message, client.clientId)) return;
    const qos = qosOf(stored, this.options.qos);
    const ids = client.idsFor(this, stored, cursor === undefined);
    if (ids === undefined) return;
    if (qos === 0) {
      const frame = frameOf(stored, client.form(this.options, 0, cursor === undefined, ids));
      if (frame !== undefined) client.link.send(frame.bytes);
    } else this.#post(stored, client.window.take({ courier: this, cursor, offset: stored.offset, qos }), false);
  }

  #post(stored: Stored, flight: OutFlight, dup: boolean): void {
    const { link, state, window } = this.#client;
    const retained = flight.cursor === undefined;
    const ids = this.#client.idsFor(this, stored, retained) ?? [];
    const frame = frameOf(stored, this.#client.form(this.options, flight.qos, retained, ids));
    if (frame === undefined) return window.forget(flight);
    const bytes = withPacketId(frame, flight.packet, dup);
    const change = flight.qos === 2 && !dup ? state.changeOf(flight) : undefined;
    // Exactly once, also if the server dies now: what it would send again must be stored before it is sent.
    if (change === undefined || state.ledger === undefined) link.send(bytes);
    else state.ledger.before([change], () => link.send(bytes));
  }
}
