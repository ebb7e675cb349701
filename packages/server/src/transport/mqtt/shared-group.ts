import type { Stored } from "@tidegate/protocol";
import type { MqttContext } from "./context.ts";
import type { Cursor } from "./cursor.ts";
import { LogReader } from "./log-reader.ts";
import type { MemberGroup, SharedMember } from "./shared-member.ts";
import type { StartAt } from "./subscription.ts";

/** A message that somebody had and did not acknowledge. */
interface Returned {
  readonly epoch: string;
  readonly offset: number;
}

/** How far a group has come that has no members just now. */
export interface Place {
  readonly startAt: StartAt;
  readonly again: readonly Returned[];
  /** Sessions that are subscribed and will come back, by their keys. */
  readonly absent: Set<string>;
}

/** Messages that are given out again in one turn of the event loop. */
const STEP = 100;

/** Those who share a subscription, and how far they have come together. */
export class SharedGroup implements MemberGroup {
  readonly name: string;
  readonly #context: MqttContext;
  readonly #reader: LogReader;
  readonly #members: SharedMember[] = [];
  readonly #absent: Set<string>;
  #next = 0;
  #positions: StartAt | undefined = undefined;
  /** Messages of QoS 1 of clients that left before they had acknowledged them: the next ones get them. */
  readonly #again: Returned[];
  #returning = false;
  /** Messages that members had when they left, and have again. */
  readonly #taken = new Set<string>();

  constructor(context: MqttContext, name: string, filter: string, { startAt, again, absent }: Place) {
    this.name = name;
    this.#context = context;
    this.#again = [...again];
    this.#absent = new Set(absent);
    this.#reader = new LogReader(context, filter, startAt, {
      room: () => (this.#again.length > 0 ? 0 : this.#room),
      take: (stored, cursor) => this.#take(stored, cursor),
      pause: () => new Promise((resolve) => context.services.clock.endOfTurn(resolve)),
      failed: (error) => this.#failed(error),
      hungry: () => this.#starve(),
    });
  }

  get size(): number {
    return this.#members.length;
  }

  /** Everything of each log up to here is done, or is known to be under way. Counted once a turn: every member asks. */
  get positions(): StartAt {
    if (this.#positions !== undefined) return this.#positions;
    this.#context.services.clock.endOfTurn(() => (this.#positions = undefined));
    return (this.#positions = this.#countPositions());
  }

  add(member: SharedMember): void {
    this.#absent.delete(member.client.state.key);
    this.#members.push(member);
  }

  /** What it had not acknowledged at QoS 1 goes to another one. At QoS 2 that is not allowed. [MQTT-4.8.2-5] */
  remove(member: SharedMember): void {
    const { client } = member;
    const index = this.#members.indexOf(member);
    if (index >= 0) this.#members.splice(index, 1);
    const comesBack = client.phase === "closed" && client.state.ledger !== undefined && client.state.expiry > 0;
    if (comesBack) this.#absent.add(client.state.key);
    const window = client.usedWindow;
    // Alone, it finds them when it comes back. While it is there it may still acknowledge them.
    if (window === undefined || (comesBack && this.size === 0) || client.phase !== "closed") return;
    for (const flight of [...window.flights]) {
      if (flight.sender !== member || flight.qos !== 1 || flight.done) continue;
      this.#again.push({ epoch: flight.epoch, offset: flight.offset });
      client.state.letGo(window, flight);
    }
    this.pump();
  }

  /** The message is under way to one of its members. */
  passOver(epoch: string, offset: number): void {
    const cursor = this.#reader.cursors.find(({ stream }) => stream.log.epoch === epoch);
    if (cursor !== undefined && offset > cursor.taken) this.#taken.add(`${epoch} ${offset}`);
  }

  /** Positions say it, or the window of who has it. */
  done(): void {}

  pump(): void {
    if (this.#again.length > 0 && !this.#returning) void this.#giveAgain();
    this.#reader.pump();
  }

  /** Nobody is here any more. Returns how far the group has come. */
  stop(): Place {
    this.#reader.stop();
    const startAt = new Map(this.#reader.cursors.map(({ stream, taken }) => [stream.log.epoch, taken]));
    return { startAt, again: this.#again, absent: this.#absent };
  }

  #countPositions(): StartAt {
    const positions = new Map(this.#reader.cursors.map(({ stream, taken }) => [stream.log.epoch, taken]));
    const lower = ({ epoch, offset }: Returned): void => {
      const position = positions.get(epoch);
      if (position !== undefined && offset <= position) positions.set(epoch, offset - 1);
    };
    this.#again.forEach(lower);
    for (const { client } of this.#members)
      for (const flight of client.usedWindow?.flights ?? [])
        // One of QoS 2 is stored with the session that has it, and goes to nobody else.
        if (flight.qos === 1 && !flight.done && isOf(flight, this)) lower(flight);
    return positions;
  }

  get #room(): number {
    let room = 0;
    for (const member of this.#members) room += member.room;
    return room;
  }

  #take(stored: Stored, cursor: Cursor): void {
    if (this.#taken.size > 0 && this.#taken.delete(`${cursor.stream.log.epoch} ${stored.offset}`)) return;
    this.#give(stored, cursor);
  }

  #give(stored: Stored, cursor: Cursor): void {
    for (let i = 0; i < this.#members.length; i++) {
      const member = this.#members[this.#next++ % this.#members.length]!;
      if (member.room > 0) return member.send(stored, { cursor, epoch: cursor.stream.log.epoch });
    }
  }

  #starve(): void {
    for (const member of this.#members) member.client.hungry.add(member);
  }

  /** One after another, as there is room; then the log goes on. */
  async #giveAgain(): Promise<void> {
    this.#returning = true;
    try {
      for (let given = 1; this.#again.length > 0 && this.#room > 0; given++) {
        // Reading takes no turn of the event loop by itself.
        if (given % STEP === 0) await new Promise<void>((resolve) => this.#context.services.clock.endOfTurn(resolve));
        const [next] = this.#again;
        const stored = next && (await this.#find(next));
        if (next === undefined || this.#room <= 0) break;
        this.#again.shift();
        const cursor = this.#cursorOf(next);
        if (stored !== undefined && cursor !== undefined) this.#give(stored, cursor);
      }
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#returning = false;
    }
    if (this.#again.length > 0) this.#starve();
    else this.#reader.pump();
  }

  async #find({ epoch, offset }: Returned): Promise<Stored | undefined> {
    const log = this.#cursorOf({ epoch, offset })?.stream.log;
    const page = await log?.read({ filter: this.#reader.group.filter, after: offset - 1, limit: 1 });
    const stored = page?.messages[0];
    return stored?.offset === offset ? stored : undefined;
  }

  #cursorOf({ epoch }: Returned): Cursor | undefined {
    return this.#reader.cursors.find(({ stream }) => stream.log.epoch === epoch);
  }

  /** The first member is told, and comes again: the next packet of any other one has the log read once more. */
  #failed(error: unknown): void {
    const [first] = this.#members;
    if (first !== undefined) first.client.failed(error, "reading the log");
    else this.#context.services.logger.error({ err: error }, "mqtt: a shared subscription could not be read");
  }
}

function isOf({ sender }: { readonly sender: unknown }, group: SharedGroup): boolean {
  return (sender as Partial<SharedMember>).group === group;
}
