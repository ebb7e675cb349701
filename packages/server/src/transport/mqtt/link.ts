import { type AckType, ACK_SIZE, ackWord, putAck } from "@tidegate/protocol/mqtt";
import type { Connection, Frame } from "../../delivery/connection.ts";
import type { Gathered, TurnWriter } from "./turn-writer.ts";

/** What happens to a connection, told to the client on it. */
export interface LinkOwner {
  /** The gateway ends the connection, with a close code of its table and a reason in words. */
  ended(code: number, reason: string): void;
  /** What was sent in a turn has been written. */
  flushed(): void;
}

/**
 * A connection that carries MQTT packets: bytes out, gathered for a turn of the event loop. What the bytes travel in, TCP
 * or WebSocket, is up to the class that extends it.
 */
export abstract class Link implements Connection {
  owner: LinkOwner | undefined = undefined;
  protected readonly turn: TurnWriter;
  /**
   * One frame stands for itself, and may be shared by many connections: the second one makes them gather. One
   * acknowledgement is a number until it is written.
   */
  #single: Uint8Array | number | undefined = undefined;
  #gathered: Gathered | undefined = undefined;
  protected hasEnded = false;
  /** Nothing more is read for a while. */
  isPaused = false;

  constructor(turn: TurnWriter) {
    this.turn = turn;
  }

  /** An empty frame is nothing: not every push of the gateway has a packet. */
  send(frame: Frame): void {
    const bytes = typeof frame === "string" ? new TextEncoder().encode(frame) : frame;
    if (bytes.length === 0 || this.hasEnded) return;
    if (this.#single === undefined && this.#gathered === undefined) {
      this.#single = bytes;
      this.turn.add(this);
    } else this.#append(bytes);
  }

  /** An acknowledgement of success: no array is made for it. */
  sendAck(type: AckType, packetId: number): void {
    if (this.hasEnded) return;
    const ack = ackWord(type, packetId);
    if (this.#single === undefined && this.#gathered === undefined) {
      this.#single = ack;
      this.turn.add(this);
    } else this.#appendAck(this.#gather(), ack);
  }

  flush(): void {
    this.#write();
    this.owner?.flushed();
  }

  #write(): void {
    const single = this.#single;
    const gathered = this.#gathered;
    this.#single = undefined;
    this.#gathered = undefined;
    if (typeof single === "number") {
      putAck(this.turn.ack, 0, single);
      this.write(this.turn.ack, ACK_SIZE, true);
    } else if (single !== undefined) this.write(single, single.length, false);
    if (gathered === undefined) return;
    this.write(gathered.bytes, gathered.length, true);
    this.turn.written(gathered);
  }

  cork(sends: () => void): void {
    sends();
  }

  // Fan-out by groups is the WebSocket server's own; MQTT receivers are handed their frames.
  subscribe(): void {}
  unsubscribe(): void {}

  getBufferedAmount(): number {
    const single = this.#single;
    const waiting = typeof single === "number" ? ACK_SIZE : (single?.length ?? 0);
    return waiting + (this.#gathered?.length ?? 0) + this.unwritten;
  }

  close(code: number, reason: string): void {
    this.owner?.ended(code, reason);
  }

  /** Sends what waits and ends the connection. */
  end(): void {
    this.#write();
    this.hasEnded = true;
    this.finish();
  }

  abstract terminate(): void;
  /** Reads nothing more, until `resume`: the client's own system holds it back. What was read already still comes. */
  abstract pause(): void;
  abstract resume(): void;
  /** Bytes that were written and not yet taken by the peer. */
  protected abstract get unwritten(): number;
  /** The first `length` bytes. `reused`: the array serves others after the call; what is kept of it must be a copy. */
  protected abstract write(bytes: Uint8Array, length: number, reused: boolean): void;
  protected abstract finish(): void;

  #append(bytes: Uint8Array): void {
    const gathered = this.#gather();
    const at = gathered.reserve(bytes.length);
    gathered.bytes.set(bytes, at);
  }

  /** What gathers, the single frame at its beginning. */
  #gather(): Gathered {
    const gathered = (this.#gathered ??= this.turn.gather());
    const single = this.#single;
    if (single === undefined) return gathered;
    this.#single = undefined;
    if (typeof single === "number") {
      this.#appendAck(gathered, single);
      return gathered;
    }
    const at = gathered.reserve(single.length);
    gathered.bytes.set(single, at);
    return gathered;
  }

  #appendAck(gathered: Gathered, ack: number): void {
    const at = gathered.reserve(ACK_SIZE);
    putAck(gathered.bytes, at, ack);
  }
}
