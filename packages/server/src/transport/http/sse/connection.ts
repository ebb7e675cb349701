import type { Connection, Frame } from "../../../delivery/connection.ts";
import type { Session } from "../../../session/session.ts";
import { event } from "./codec.ts";
import type { Beating } from "./heartbeats.ts";

/** The part of Bun's direct stream controller that is used here. */
interface Controller {
  write(bytes: Uint8Array): unknown;
  /** With `true`: a promise that resolves when the kernel has taken everything. */
  flush(wait: true): unknown;
  end(): unknown;
}

/** Bun knows direct streams, the standard's type of a source does not. */
interface DirectSource {
  readonly type: "direct";
  readonly pull: (controller: Controller) => Promise<void>;
  readonly cancel: () => void;
}

export interface SseConnectionParts {
  /** Bytes that may wait when more comes; past them the stream is cut, and the client resumes. */
  readonly hardLimit: number;
  /** The stream is over: nothing more will be written. Called once. */
  readonly over: () => void;
  /** Cuts the connection if the client takes nothing more for a while. */
  readonly limitTime: () => void;
}

const encoder = new TextEncoder();
const BEAT = encoder.encode(": ping\n\n");

/**
 * A stream of events as a session's connection. One write is under way at a time and the rest waits here, because Bun
 * takes whatever is written to a direct stream and holds it for a reader that has stopped, without a bound and without
 * a word. Waiting for each flush keeps `getBufferedAmount` true, and gathers what comes meanwhile into one write.
 */
export class SseConnection implements Connection, Beating {
  readonly body: ReadableStream;
  readonly #parts: SseConnectionParts;
  #session: Session | undefined = undefined;
  #controller: Controller | undefined = undefined;
  #finished: (() => void) | undefined = undefined;
  #phase: "open" | "closing" | "over" = "open";
  #waiting: Uint8Array[] = [];
  #buffered = 0;
  #underWay = 0;
  #held = false;

  constructor(parts: SseConnectionParts) {
    this.#parts = parts;
    const source: DirectSource = {
      type: "direct",
      pull: (controller) => this.#begin(controller),
      cancel: () => this.#end(),
    };
    this.body = new ReadableStream(source as unknown as UnderlyingSource);
  }

  /** The session is made with its connection, so it comes later. */
  attach(session: Session): void {
    this.#session = session;
  }

  send(frame: Frame): void {
    if (this.#phase === "open") this.#add(typeof frame === "string" ? encoder.encode(frame) : frame);
  }

  cork(sends: () => void): void {
    this.#held = true;
    try {
      sends();
    } finally {
      this.#held = false;
      this.#write();
    }
  }

  subscribe(): void {}

  unsubscribe(): void {}

  getBufferedAmount(): number {
    return this.#buffered;
  }

  beat(): void {
    if (this.#buffered === 0) this.send(BEAT);
  }

  /** Says why, and ends the stream when the client has taken everything. */
  close(code: number, reason: string): void {
    if (this.#phase !== "open") return;
    this.send(event("close", JSON.stringify({ code, reason })));
    this.#phase = "closing";
    if (this.#buffered === 0) this.terminate();
  }

  terminate(): void {
    if (this.#phase === "over") return;
    // What the kernel has not taken is Bun's now: it must not wait for ever for a client that has stopped reading.
    this.#parts.limitTime();
    this.#controller?.end();
    this.#end();
  }

  #begin(controller: Controller): Promise<void> {
    if (this.#phase === "over") {
      controller.end();
      return Promise.resolve();
    }
    this.#controller = controller;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#finished = resolve;
    this.#write();
    return promise;
  }

  #add(bytes: Uint8Array): void {
    if (bytes.byteLength === 0) return;
    // What was there before is what counts: one large batch must get through, or its reader would never get past it.
    if (this.#controller !== undefined && this.#buffered > this.#parts.hardLimit) return this.terminate();
    this.#waiting.push(bytes);
    this.#buffered += bytes.byteLength;
    this.#write();
  }

  #write(): void {
    if (this.#controller === undefined || this.#underWay > 0 || this.#held || this.#buffered === 0) return;
    const frames = this.#waiting;
    this.#waiting = [];
    this.#underWay = this.#buffered;
    for (const frame of frames) this.#controller.write(frame);
    const taken = this.#controller.flush(true);
    if (taken instanceof Promise) taken.then(this.#written, this.#written);
    else this.#written();
  }

  #written = (): void => {
    if (this.#phase === "over") return;
    this.#buffered -= this.#underWay;
    this.#underWay = 0;
    if (this.#buffered > 0) return this.#write();
    if (this.#phase === "closing") return this.terminate();
    this.#session?.drained();
    // Only a stream that the server unsubscribed has none left.
    if (this.#session?.open?.subscriptions.length === 0) this.#session.close("internal", "the subscription was ended");
  };

  /** The stream is over, by either side. */
  #end(): void {
    if (this.#phase === "over") return;
    this.#phase = "over";
    this.#controller = undefined;
    this.#waiting = [];
    this.#buffered = this.#underWay = 0;
    this.#session?.closed(false);
    this.#finished?.();
    this.#parts.over();
  }
}
