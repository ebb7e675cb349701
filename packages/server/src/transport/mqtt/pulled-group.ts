import type { Stored } from "@tidegate/protocol";
import type { Cancel, Clock } from "../../clock.ts";
import type { Share } from "../../log/share.ts";
import type { Stream } from "../../log/stream.ts";
import type { MemberGroup, SharedMember } from "./shared-member.ts";
import type { SharedWish } from "./shared.ts";
import { FROM_NOW, type StartAt } from "./subscription.ts";

/** A message that no member had room for when it came. */
interface Waiting {
  readonly stored: Stored;
  readonly epoch: string;
}

/** The members of a shared subscription on this gateway, where the log itself shares it out over all gateways. */
export class PulledGroup implements MemberGroup {
  readonly name: string;
  readonly ready: Promise<unknown>;
  /** The log knows how far the group has come. */
  readonly positions: StartAt = FROM_NOW;
  readonly #shares: ReadonlyMap<string, Share>;
  readonly #members: SharedMember[] = [];
  readonly #waiting: Waiting[] = [];
  readonly #clock: Clock;
  #patience: Cancel | undefined;
  #next = 0;

  constructor(clock: Clock, { whole: name, filter, startAt }: SharedWish, streams: readonly Stream[]) {
    this.name = name;
    this.#clock = clock;
    const share = ({ log }: Stream): readonly [string, Share][] => {
      const { epoch } = log;
      const taker = { room: () => this.#room, take: (stored: Stored) => this.#take({ stored, epoch }) };
      const own = log.share?.({ name, filter, after: startAt.get(epoch), keep: 0 }, taker);
      return own === undefined ? [] : [[epoch, own]];
    };
    this.#shares = new Map(streams.flatMap(share));
    this.ready = Promise.all([...this.#shares.values()].map((each) => each.ready));
  }

  get size(): number {
    return this.#members.length;
  }

  add(member: SharedMember): void {
    this.#members.push(member);
    const { ledger, expiry } = member.client.state;
    if (ledger === undefined || expiry === 0) return;
    for (const share of this.#shares.values()) share.keep(expiry * 1000);
  }

  /** What it had not acknowledged at QoS 1 goes to another one. At QoS 2 that is not allowed. [MQTT-4.8.2-5] */
  remove(member: SharedMember): void {
    const { client } = member;
    const index = this.#members.indexOf(member);
    if (index >= 0) this.#members.splice(index, 1);
    const window = client.usedWindow;
    // While it is there it may still acknowledge them.
    if (window === undefined || client.phase !== "closed") return;
    for (const flight of [...window.flights]) {
      if (flight.sender !== member || flight.qos !== 1 || flight.done) continue;
      this.#shares.get(flight.epoch)?.giveBack(flight.offset);
      client.state.letGo(window, flight);
    }
  }

  /** What was under way when its session was stored is no message of the group any more. */
  passOver(): void {}

  pump(): void {
    while (this.#waiting.length > 0 && this.#room > 0) this.#give(this.#waiting.shift()!);
    if (this.#waiting.length > 0) return this.#starve();
    for (const share of this.#shares.values()) share.pump();
    if (this.#room <= 0) this.#starve();
  }

  done(epoch: string, offset: number): void {
    this.#shares.get(epoch)?.done(offset);
  }

  /** Nobody is here any more. */
  stop(): void {
    this.#patience?.();
    for (const share of this.#shares.values()) share.stop();
    this.#waiting.length = 0;
  }

  get #room(): number {
    let room = -this.#waiting.length;
    for (const member of this.#members) room += member.room;
    return room;
  }

  #take(waiting: Waiting): void {
    if (this.#waiting.length > 0 || !this.#give(waiting)) {
      this.#waiting.push(waiting);
      this.#patience ??= this.#clock.after(PATIENCE, this.#giveBack);
      this.#starve();
    }
  }

  /** Members of other gateways may have room. */
  #giveBack = (): void => {
    this.#patience = undefined;
    for (const { stored, epoch } of this.#waiting.splice(0)) this.#shares.get(epoch)?.giveBack(stored.offset);
  };

  #give({ stored, epoch }: Waiting): boolean {
    for (let i = 0; i < this.#members.length; i++) {
      const member = this.#members[this.#next++ % this.#members.length]!;
      if (member.room <= 0) continue;
      member.send(stored, { cursor: undefined, epoch });
      return true;
    }
    return false;
  }

  #starve(): void {
    for (const member of this.#members) member.client.hungry.add(member);
  }
}

/** Milliseconds for which messages wait here for members that had room when they were asked for. */
const PATIENCE = 1000;

/** The logs that share the topics of a filter out over gateways; undefined if this gateway does that itself. */
export function sharingStreams(streams: readonly Stream[]): readonly Stream[] | undefined {
  return streams.length > 0 && streams.every(({ log }) => log.share !== undefined) ? streams : undefined;
}
