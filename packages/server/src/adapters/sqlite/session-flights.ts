import type { Database } from "bun:sqlite";
import type { Flight } from "../../durable/session-store.ts";

const DIRECTIONS = ["out", "in"] as const;
const STATES = ["sent", "received"] as const;

/** As it is read: the columns of `load`, in their order. */
type Row = readonly [
  direction: number,
  packet: number,
  state: number,
  filter: string,
  epoch: string,
  offset: number,
  messageId: string,
];

/** Messages that are under way. */
export class FlightRows {
  readonly #load;
  readonly #put;
  readonly #remove;
  readonly #forget;
  /** Where the newest one stands among all; gaps do no harm. */
  #place: number;

  constructor(db: Database) {
    this.#load = db.prepare<unknown, [number]>(
      `SELECT direction, packet, state, filter, epoch, offset, message_id FROM flights
       WHERE session = ? ORDER BY place`,
    );
    this.#put = db.prepare<unknown, (string | number)[]>(
      `INSERT INTO flights VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (session, direction, packet) DO UPDATE SET state = excluded.state, filter = excluded.filter,
         epoch = excluded.epoch, offset = excluded.offset, message_id = excluded.message_id`,
    );
    this.#remove = db.prepare<unknown, [number, number, number]>(
      "DELETE FROM flights WHERE session = ? AND direction = ? AND packet = ?",
    );
    this.#forget = db.prepare<unknown, [number]>("DELETE FROM flights WHERE session = ?");
    this.#place =
      db.query<{ newest: number | null }, []>("SELECT max(place) AS newest FROM flights").get()?.newest ?? 0;
  }

  load(session: number): readonly Flight[] {
    return this.#load.values(session).map((row) => toFlight(row as unknown as Row));
  }

  put(session: number, flight: Flight): void {
    const direction = DIRECTIONS.indexOf(flight.direction);
    const { packet, filter, epoch, offset, messageId } = flight;
    this.#place += 1;
    const state = STATES.indexOf(flight.state);
    this.#put.run(session, direction, packet, this.#place, state, filter, epoch, offset, messageId);
  }

  remove(session: number, direction: Flight["direction"], packet: number): void {
    this.#remove.run(session, DIRECTIONS.indexOf(direction), packet);
  }

  forget(session: number): void {
    this.#forget.run(session);
  }
}

function toFlight([direction, packet, state, filter, epoch, offset, messageId]: Row): Flight {
  return {
    direction: DIRECTIONS[direction] ?? "out",
    packet,
    state: STATES[state] ?? "sent",
    filter,
    epoch,
    offset,
    messageId,
  };
}
