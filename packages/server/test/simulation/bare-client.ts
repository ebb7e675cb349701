import {
  CODECS,
  type Command,
  type HistoryReply,
  type Position,
  type Push,
  type Reply,
  type Subprotocol,
} from "@tidegate/protocol";
import type { Frame } from "../../src/delivery/connection.ts";
import { checkHistory } from "./history-check.ts";
import { Ledger } from "./ledger.ts";
import type { Line } from "./line.ts";
import { Publishes, type PublishOptions } from "./publishes.ts";
import { Seat, type SeatOwner } from "./seat.ts";
import { isKept } from "./config.ts";
import { isPlaced } from "./truth.ts";
import { must } from "./violation.ts";
import { newWant, type Want, type Wish } from "./want.ts";
import type { World } from "./world.ts";

type WithoutId<C> = C extends Command ? Omit<C, "id"> : never;

/** A client that speaks the bare protocol and holds everything that it is given against the truth. */
export class BareClient implements SeatOwner {
  readonly name: string;
  readonly wants = new Map<string, Want>();
  readonly user: string | undefined;
  readonly #world: World;
  readonly #subprotocol: Subprotocol;
  readonly #publishes: Publishes;
  #seat: Seat | undefined = undefined;

  constructor(world: World, name: string, user: string | undefined, subprotocol: Subprotocol) {
    this.#world = world;
    this.name = name;
    this.user = user;
    this.#subprotocol = subprotocol;
    this.#publishes = new Publishes({
      name,
      truth: world.truth,
      send: (command, answer) => this.#send(command, answer),
      epochOf: (topic) => this.#seat?.node?.epochOf(topic),
      note: (text) => this.#note(text),
    });
  }

  get isOn(): boolean {
    return this.#seat?.session !== undefined;
  }

  get session(): string | undefined {
    return this.#seat?.session;
  }

  get unanswered(): number {
    return this.#publishes.size;
  }

  connect(): void {
    if (this.#seat !== undefined) return;
    const seat = new Seat(this, this.#subprotocol);
    this.#seat = seat;
    this.#note("connects");
    const line = this.#world.connect(seat);
    if (line !== undefined) seat.line = line;
    seat.node = line?.node;
  }

  /** In good order. */
  leave(): void {
    this.#note("leaves");
    this.#seat?.line?.close(1000);
    this.#lost();
  }

  subscribe(wish: Wish): void {
    if (this.wants.has(wish.filter) || !this.isOn) return;
    const want = newWant(wish);
    this.wants.set(want.filter, want);
    this.ask(want);
  }

  /** Sends the subscribe of a want that has none. */
  ask(want: Want): void {
    if (!this.isOn || want.state !== "idle") return;
    const { filter, retained, window, presence } = want;
    const since = isPlaced(filter) ? want.position : undefined;
    const asks = {
      kind: "subscribe",
      topic: filter,
      since,
      retained: retained && since === undefined,
      window,
    } as const;
    want.state = "asking";
    const ledger = this.#ledger(want, since);
    this.#send({ ...asks, presence: presence ? { info: undefined } : undefined }, (reply) => {
      if (reply.kind === "subscribe") this.#begun(want, ledger, reply);
      else if (want.state === "asking") want.state = "idle";
    });
    want.ledger = ledger;
  }

  unsubscribe(want: Want): void {
    if (!this.isOn || want.state !== "live") return;
    want.state = "leaving";
    this.#send({ kind: "unsubscribe", topic: want.filter }, () => {
      if (this.wants.get(want.filter) === want) this.wants.delete(want.filter);
    });
  }

  publish(topic: string, options: PublishOptions): void {
    if (this.isOn) this.#publishes.publish(topic, options);
  }

  /** Publishes again what has an id and no reply. */
  republish(): void {
    if (this.isOn) this.#publishes.again();
  }

  /** Acknowledges what a window has open, up to one of them. */
  ack(want: Want, share: number): void {
    const open = want.ledger?.unacknowledged ?? [];
    const offset = open[Math.min(open.length - 1, Math.floor(open.length * share))];
    if (offset === undefined || !this.isOn || want.state !== "live") return;
    want.ledger?.ack(offset);
    this.#send({ kind: "ack", topic: want.filter, offset });
  }

  history(query: { topic: string; after: Position | undefined; before: number | undefined; limit: number }): void {
    if (!this.isOn) return;
    const command = { kind: "history", id: undefined, ...query } as const;
    const asked = this.#world.truth.tick;
    this.#send(command, (reply) => {
      if (reply.kind !== "history") return;
      this.#note(
        `history of ${query.topic}: ${reply.messages.map(({ offset }) => offset).join(" ")} more ${reply.more}`,
      );
      checkHistory(this.#world.truth, command, reply, asked);
      this.#nextPage(query, reply);
    });
  }

  presence(topic: string, answer: (count: number, members: readonly string[]) => void): void {
    this.#send({ kind: "presence", topic, countOnly: false }, (reply) => {
      if (reply.kind === "presence") answer(reply.count, reply.members?.map(({ user }) => user) ?? []);
    });
  }

  refresh(): void {
    if (this.isOn && this.user !== undefined)
      this.#send({ kind: "refresh", token: this.#world.token(this.user) ?? "" });
  }

  /** The line of the connection that is, for the world. */
  get line(): Line | undefined {
    return this.#seat?.line;
  }

  // What the seat tells.

  opened(seat: Seat): void {
    if (seat !== this.#seat) return;
    const personal = this.user === undefined ? undefined : this.wants.get(`user/${this.user}`);
    const since = personal?.position;
    const command = { kind: "connect", token: this.#world.token(this.user), since, client: undefined } as const;
    const ledger = this.#ledger(personal ?? this.#personal(), since);
    this.#send(command, (reply) => {
      if (reply.kind === "connect") this.#welcome(seat, reply, ledger);
    });
  }

  frame(seat: Seat, frame: Frame): void {
    for (const each of CODECS[this.#subprotocol].decodeServer(frame)) {
      if (seat !== this.#seat) return;
      if (each.kind === "push") this.#push(each.push);
      else if (each.id !== undefined) this.#answered(seat, each.id, each.reply);
    }
  }

  closed(seat: Seat, code: number): void {
    if (seat !== this.#seat) return;
    this.#note(`is closed with ${code}`);
    const { failures } = this.#world.config.log;
    must(code !== 4000 && (code !== 4504 || failures > 0), "G12", () => `${this.name} was closed with ${code}`);
    this.#lost();
  }

  #welcome(seat: Seat, reply: Extract<Reply, { kind: "connect" }>, ledger: Ledger): void {
    seat.session = reply.session;
    const { personal } = reply;
    this.#note(`is session ${reply.session}`);
    if (personal !== undefined) {
      const want = this.wants.get(personal.topic) ?? this.#personal();
      this.wants.set(personal.topic, want);
      want.state = "asking";
      want.ledger = ledger;
      if (personal.epoch === undefined) want.state = "idle";
      else this.#begun(want, ledger, personal);
    }
    for (const want of this.wants.values()) this.ask(want);
    this.republish();
  }

  #personal(): Want {
    return newWant({ filter: `user/${this.user}`, retained: false, window: undefined, presence: false });
  }

  #begun(want: Want, ledger: Ledger, state: Parameters<Ledger["begin"]>[0]): void {
    if (want.ledger !== ledger) return;
    if (want.state === "asking") want.state = "live";
    this.#note(`${want.filter} begins ${JSON.stringify(state)}`);
    ledger.begin(state, this.#world.mustRecover(want.filter, want.position));
    want.position = ledger.position;
  }

  #push(push: Push): void {
    const key =
      push.kind === "message" ? (push.filter ?? push.stored.message.topic) : "topic" in push ? push.topic : "";
    const want = this.wants.get(key);
    if (push.kind === "message") {
      this.#note(`${key} gets ${push.stored.message.topic} ${push.stored.offset}${push.redelivered ? " again" : ""}`);
      must(want?.ledger !== undefined, "G2", () => `${this.name} ${key}: a message without a subscription`, [key]);
      want?.ledger?.message(push);
    } else if (push.kind === "gap") {
      this.#note(`${key} gets a gap ${push.after} to ${push.to}`);
      want?.ledger?.gap(push.after, push.to);
    } else if (push.kind === "unsubscribed" && want !== undefined) {
      this.#note(`${key} is unsubscribed: ${push.error.message}`);
      want.state = "idle";
      want.ledger = undefined;
    }
    if (want?.ledger?.isStarted === true) want.position = want.ledger.position;
  }

  #answered(seat: Seat, id: number, reply: Reply): void {
    const answer = seat.answers.get(id);
    must(answer !== undefined, "G2", () => `${this.name}: a second or unasked reply ${JSON.stringify(reply)}`);
    seat.answers.delete(id);
    if (reply.kind === "error") this.#note(`is refused ${id}: ${reply.error.reason} ${reply.error.message}`);
    if (reply.kind === "error") must(reply.error.reason !== "internal", "G12", () => `${this.name}: an internal error`);
    answer?.(reply);
  }

  #nextPage(query: { topic: string; before: number | undefined; limit: number }, reply: HistoryReply): void {
    const edge = query.before === undefined ? reply.messages.at(-1) : reply.messages[0];
    if (!reply.more || edge === undefined) return;
    const after = query.before === undefined ? { epoch: reply.epoch, offset: edge.offset } : undefined;
    this.history({ ...query, after, before: after === undefined ? edge.offset : undefined });
  }

  #ledger({ filter, window, retained }: Want, since: Position | undefined): Ledger {
    const { truth, node } = this.#world;
    const epochOf = (topic: string) => node?.epochOf(topic) ?? "";
    const name = `${this.name} ${filter}`;
    const shrinks = !isKept(filter);
    return new Ledger({
      truth,
      name,
      filter,
      epochOf,
      since,
      retained: retained && since === undefined,
      window,
      shrinks,
    });
  }

  #send(command: WithoutId<Command>, answer: (reply: Reply) => void = () => {}): void {
    const seat = this.#seat;
    if (seat?.line === undefined) return;
    const id = ++seat.lastId;
    seat.answers.set(id, answer);
    this.#note(`sends ${id} ${command.kind} ${"topic" in command ? command.topic : ""}`);
    seat.line.send(CODECS[this.#subprotocol].encodeCommand({ ...command, id } as Command));
  }

  #lost(): void {
    this.#seat = undefined;
    for (const [filter, want] of this.wants) {
      if (want.state === "leaving") this.wants.delete(filter);
      want.state = "idle";
      want.ledger = undefined;
    }
    this.#publishes.lost();
  }

  #note(text: string): void {
    this.#world.note(`${this.name} ${text}`);
  }
}
