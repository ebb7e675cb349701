import { expect } from "bun:test";
import { FakeClock } from "../../support/fake-clock.ts";
import { Random } from "../../support/random.ts";
import { Network, type Faults } from "./network.ts";
import { Seat } from "./seat.ts";

export interface WorldOptions {
  readonly seed: number;
  readonly gateways: number;
  readonly steps: number;
  readonly faults: Faults;
  /** Whether gateways are killed, stopped, started and cut off. */
  readonly isRough: boolean;
  /** Whether somebody asks for the members meanwhile. */
  readonly isAsked: boolean;
}

const TOPICS = ["chat/a", "chat/b"];
const USERS = Array.from({ length: 8 }, (_, i) => `u${i}`);
/** Milliseconds after which all leases, grace times and questions are over. */
const QUIET = 60_000;

/** Clients that come, go, are lost and come back elsewhere, at gateways that fail; all chance is the seed's. */
export class World {
  readonly clock = new FakeClock();
  readonly network: Network;
  seats: Seat[] = [];
  readonly #options: WorldOptions;
  readonly #random: Random;
  #opened = 0;
  #sessions = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.#random = new Random(options.seed);
    this.network = new Network(this.clock, this.#random);
  }

  async run(): Promise<void> {
    for (let i = 0; i < this.#options.gateways; i++) this.#open();
    await this.advance(2000);
    this.network.faults = this.#options.faults;
    for (let step = 0; step < this.#options.steps; step++) {
      await this.#step();
      await this.advance(this.#random.pick([0, 1, 20, 120, 700]));
    }
    this.network.faults = { lost: 0, doubled: 0, delay: 10 };
    for (const { bus } of this.seats) bus.restore();
    await this.advance(QUIET);
  }

  /** What every gateway says, and what everybody heard who followed the changes, is who is there. */
  async expectTruth(): Promise<void> {
    for (const topic of TOPICS) {
      const truth = [...new Set(this.seats.flatMap((seat) => seat.membersIn(topic)))].toSorted();
      const lists = await Promise.all(this.seats.map(({ presence }) => presence.query(topic, 10_000)));
      for (const [i, seat] of this.seats.entries()) {
        const { count, members } = lists[i]!;
        expect([seat.id, count, members.map(({ user }) => user).toSorted()]).toEqual([seat.id, truth.length, truth]);
        expect([seat.id, [...(seat.followed.get(topic) ?? [])].toSorted()]).toEqual([seat.id, truth]);
        expect(byUser(members)).toEqual(byUser(lists[0]!.members));
      }
    }
    for (const { presence } of this.seats)
      expect(presence.figures).toMatchObject({ isWhole: true, gateways: this.seats.length - 1 });
  }

  async dispose(): Promise<void> {
    await Promise.all(this.seats.map((seat) => seat.kill()));
  }

  async advance(ms: number): Promise<void> {
    this.clock.advance(ms);
    for (let i = 0; i < 5; i++) await Promise.resolve();
  }

  async #step(): Promise<void> {
    const dice = this.#random.int(0, 99);
    if (dice < 35) this.#enter();
    else if (dice < 50) this.#exit(true);
    else if (dice < 65) this.#exit(false);
    else if (dice < 80) this.#move();
    else if (dice < 85) return this.#ask();
    else if (this.#options.isRough) await this.#disturb();
  }

  #open(): void {
    const { isAsked } = this.#options;
    this.seats.push(new Seat(`g${this.#opened++}`, this.network, this.#random, { topics: TOPICS, isStrict: !isAsked }));
  }

  #enter(): void {
    const stay = { topic: this.#random.pick(TOPICS), user: this.#random.pick(USERS) };
    const info = this.#random.maybe(0.5, `"${this.#sessions}"`);
    this.#random.pick(this.seats).enter(`s${this.#sessions++}`, stay, info);
  }

  #exit(gone: boolean): void {
    const found = this.#anyStay();
    if (found !== undefined) found.seat.exit(found.session, gone);
  }

  /** A client's connection is lost, or it is asked to go elsewhere; it is back at once. */
  #move(): void {
    const found = this.#anyStay();
    if (found === undefined) return;
    const stay = found.seat.sessions.get(found.session)!;
    found.seat.exit(found.session, false);
    this.#random.pick(this.seats).enter(`s${this.#sessions++}`, stay);
  }

  async #ask(): Promise<void> {
    if (!this.#options.isAsked) return;
    await this.#random
      .pick(this.seats)
      .presence.query(this.#random.pick(TOPICS), 1000)
      .catch(() => undefined);
  }

  async #disturb(): Promise<void> {
    const seat = this.#random.pick(this.seats);
    const dice = this.#random.int(0, 6);
    if (dice === 0 && this.seats.length < 6) return this.#open();
    if (dice === 1 && this.seats.length > 2) return this.#end(seat, () => seat.stop());
    if (dice === 2 && this.seats.length > 2) return this.#end(seat, () => seat.kill());
    if (dice === 3) seat.bus.cut(true);
    if (dice === 4) seat.bus.cut(false);
    if (dice === 5) seat.bus.restore();
    if (dice === 6) await this.advance(this.#random.int(0, 8000));
  }

  /** Some of its clients come back elsewhere. */
  async #end(seat: Seat, end: () => Promise<void>): Promise<void> {
    const stays = [...seat.sessions].filter(([session]) => !session.includes("watcher")).map(([, stay]) => stay);
    this.seats = this.seats.filter((other) => other !== seat);
    await end();
    for (const stay of stays)
      if (this.#random.chance(0.7)) this.#random.pick(this.seats).enter(`s${this.#sessions++}`, stay);
  }

  #anyStay(): { readonly seat: Seat; readonly session: string } | undefined {
    const all = this.seats.flatMap((seat) => [...seat.sessions.keys()].map((session) => ({ seat, session })));
    const clients = all.filter(({ session }) => !session.includes("watcher"));
    return clients.length === 0 ? undefined : this.#random.pick(clients);
  }
}

function byUser(members: readonly { readonly user: string; readonly info: string | undefined }[]) {
  return Object.fromEntries(members.map(({ user, info }) => [user, info]));
}
