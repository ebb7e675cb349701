import {
  CODECS,
  Payload,
  type Command,
  type HistoryReply,
  type Position,
  type Priority,
  type Push,
  type Reply,
  type Subprotocol,
} from "@tidegate/protocol";
import type { Frame } from "../../src/delivery/connection.ts";
import { checkHistory } from "./history-check.ts";
import { Ledger } from "./ledger.ts";
import type { ClientEnd, Line } from "./line.ts";
import type { Node } from "./node.ts";
import { isKept } from "./config.ts";
import { isPlaced } from "./truth.ts";
import { must } from "./violation.ts";
import type { World } from "./world.ts";

/** A subscription that the client wants, over all its connections. */
export interface Want {
  readonly filter: string;
  readonly retained: boolean;
  readonly window: number | undefined;
  readonly presence: boolean;
  /** Where to go on. */
  position: Position | undefined;
  /** On the connection that is. */
  ledger: Ledger | undefined;
  state: "idle" | "asking" | "live" | "leaving";
}

/** A publish that has no reply yet. */
interface Publish {
  readonly topic: string;
  readonly key: string;
  readonly id: string | undefined;
  readonly priority: Priority;
  readonly retain: boolean;
  attempts: number;
  underWay: boolean;
}

type WithoutId<C> = C extends Command ? Omit<C, "id"> : never;

/** A client that speaks the bare protocol and holds everything that it is given against the truth. */
export class BareClient {
  readonly name: string;
  readonly wants = new Map<string, Want>();
  readonly user: string | undefined;
  readonly #world: World;
  readonly #subprotocol: Subprotocol;
  #publishes: Publish[] = [];
  #seat: Seat | undefined = undefined;
  #count = 0;

  constructor(world: World, name: string, user: string | undefined, subprotocol: Subprotocol) {
    this.#world = world;
    this.name = name;
    this.user = user;
    this.#subprotocol = subprotocol;
  }

  get isOff(): boolean {
    return this.#seat === undefined;
  }

  get isOn(): boolean {
    return this.#seat?.session !== undefined;
  }

  get session(): string | undefined {
    return this.#seat?.session;
  }

  get unanswered(): number {
    return this.#publishes.length;
  }

  connect(): void {
    if (this.#seat !== undefined) return;
    const seat = new Seat(this, this.#subprotocol);
    this.#seat = seat;
    this.#note("connects");
    const line = this.#world.connect(seat);
    if (line !== undefined) seat.line = line;
    seat.node = this.#world.node;
  }

  /** In good order. */
  leave(): void {
    this.#note("leaves");
    this.#seat?.line?.close(1000);
    this.#lost();
  }

  subscribe(want: Omit<Want, "position" | "ledger" | "state">): void {
    if (this.wants.has(want.filter) || !this.isOn) return;
    const full: Want = { ...want, position: undefined, ledger: undefined, state: "idle" };
    this.wants.set(want.filter, full);
    this.ask(full);
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

  publish(topic: string, options: { withId: boolean; priority: Priority; retain: boolean; empty: boolean }): void {
    if (!this.isOn) return;
    this.#count++;
    const key = options.empty ? "" : JSON.stringify(`${this.name}-${this.#count}${"-".repeat(40)}`);
    const id = options.withId ? `${this.name}-${this.#count}` : undefined;
    const { priority, retain } = options;
    this.#publish({ topic, key, id, priority, retain, attempts: 0, underWay: false });
  }

  /** Publishes again what has an id and no reply. */
  republish(): void {
    if (!this.isOn) return;
    const again = this.#publishes.filter(({ underWay }) => !underWay);
    this.#publishes = this.#publishes.filter(({ underWay }) => underWay);
    for (const each of again) this.#publish(each);
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
    const filter = `user/${this.user}`;
    return {
      filter,
      retained: false,
      window: undefined,
      presence: false,
      position: undefined,
      ledger: undefined,
      state: "idle",
    };
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

  #publish(publish: Publish): void {
    publish.attempts++;
    publish.underWay = true;
    this.#publishes.push(publish);
    const { topic, key, id, priority, retain } = publish;
    const payload = key === "" ? Payload.text("") : Payload.json(key);
    this.#note(`publishes ${topic} ${key.slice(0, 8)}${retain ? " retained" : ""}, attempt ${publish.attempts}`);
    this.#send({ kind: "publish", topic, payload, messageId: id, priority, headers: undefined, retain }, (reply) =>
      this.#published(publish, reply),
    );
  }

  #published(publish: Publish, reply: Reply): void {
    publish.underWay = false;
    if (reply.kind === "error") return this.#refused(publish);
    this.#publishes.splice(this.#publishes.indexOf(publish), 1);
    if (reply.kind !== "publish") return;
    const { topic, key, id, attempts } = publish;
    this.#note(`published ${topic} ${reply.offset}${reply.duplicate ? " as a duplicate" : ""}`);
    const check = (holds: boolean, rule: string, message: string) =>
      must(holds, rule, () => `${this.name} ${topic} ${key}: ${message}`, [topic]);
    const fact = this.#world.truth.at(reply.epoch, reply.offset);
    check(fact?.topic === topic && fact.key === key, "G1", `acknowledged at ${reply.offset} and not stored there`);
    check(reply.epoch === this.#seat?.node?.epochOf(topic), "G1", "acknowledged with a wrong epoch");
    check(!reply.duplicate || attempts > 1, "G6", "a duplicate at the first attempt");
    if (fact !== undefined) fact.known ??= this.#world.truth.tick;
    if (id === undefined && key !== "") check(this.#world.truth.of(key).length === 1, "G1", "stored twice");
  }

  #refused(publish: Publish): void {
    const { key, id, attempts, topic } = publish;
    if (attempts === 1 && key !== "")
      must(this.#world.truth.of(key).length === 0, "G1", () => `${this.name} ${topic} ${key}: refused and stored`, [
        topic,
      ]);
    if (id === undefined) this.#publishes.splice(this.#publishes.indexOf(publish), 1);
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
    for (const each of this.#publishes) each.underWay = false;
    this.#publishes = this.#publishes.filter(({ id }) => id !== undefined);
  }

  #note(text: string): void {
    this.#world.note(`${this.name} ${text}`);
  }
}

/** One connection of a client. */
class Seat implements ClientEnd {
  readonly name: string;
  readonly subprotocol: string;
  readonly answers = new Map<number, (reply: Reply) => void>();
  readonly #client: BareClient;
  line: Line | undefined = undefined;
  node: Node | undefined = undefined;
  session: string | undefined = undefined;
  lastId = 0;

  constructor(client: BareClient, subprotocol: string) {
    this.#client = client;
    this.name = client.name;
    this.subprotocol = subprotocol;
  }

  opened(): void {
    this.#client.opened(this);
  }

  frame(frame: Frame): void {
    this.#client.frame(this, frame);
  }

  closed(code: number): void {
    this.#client.closed(this, code);
  }
}
