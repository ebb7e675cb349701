import type { Connection, Fanout, Frame } from "../../src/delivery/connection.ts";

/** A client's end of a connection that only keeps what it is sent. */
export class Wire implements Connection {
  readonly #net: Net;
  readonly frames: Frame[] = [];
  /** Writes: frames of one cork are one. */
  writes = 0;
  /** What the client has not taken yet: set by the test. */
  buffered = 0;
  closed: { readonly code: number; readonly reason: string } | undefined = undefined;
  terminated = false;
  #corked = false;

  constructor(net: Net) {
    this.#net = net;
  }

  send(frame: Frame): void {
    if (this.closed !== undefined || this.terminated) return;
    this.frames.push(frame);
    if (!this.#corked) this.writes += 1;
  }

  cork(sends: () => void): void {
    this.#corked = true;
    sends();
    this.#corked = false;
    this.writes += 1;
  }

  subscribe(group: string): void {
    this.#net.join(group, this);
  }

  unsubscribe(group: string): void {
    this.#net.leave(group, this);
  }

  getBufferedAmount(): number {
    return this.buffered;
  }

  close(code: number, reason: string): void {
    this.closed ??= { code, reason };
    this.#net.leaveAll(this);
  }

  terminate(): void {
    this.terminated = true;
    this.#net.leaveAll(this);
  }
}

/** The fan-out of a transport: one publish reaches all connections of a group. */
export class Net implements Fanout {
  readonly groups = new Map<string, Set<Wire>>();
  /** Calls of `publish`. */
  published = 0;

  publish(group: string, frame: Frame): void {
    this.published += 1;
    for (const wire of this.groups.get(group) ?? []) wire.send(frame);
  }

  join(group: string, wire: Wire): void {
    const members = this.groups.get(group) ?? new Set();
    if (members.has(wire)) throw new Error(`joined ${group} twice`);
    this.groups.set(group, members.add(wire));
  }

  leave(group: string, wire: Wire): void {
    const members = this.groups.get(group);
    members?.delete(wire);
    if (members?.size === 0) this.groups.delete(group);
  }

  leaveAll(wire: Wire): void {
    for (const group of this.groups.keys()) this.leave(group, wire);
  }
}
