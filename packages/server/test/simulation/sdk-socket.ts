import type { Socket } from "@tidegate/client";
import type { Frame } from "../../src/delivery/connection.ts";
import type { ClientEnd, Line } from "./line.ts";
import type { World } from "./world.ts";

/** The WebSocket that the SDK is given: its end of a simulated connection. */
export class SdkSocket implements Socket, ClientEnd {
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: never) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  readonly name: string;
  readonly subprotocol: string;
  readonly #line: Line | undefined;

  constructor(world: World, name: string, subprotocol: string) {
    this.name = name;
    this.subprotocol = subprotocol;
    this.#line = world.connect(this);
  }

  send(text: string): void {
    this.#line?.send(text);
  }

  close(code?: number): void {
    this.#line?.close(code ?? 1000);
  }

  opened(): void {
    fire(this.onopen, {});
  }

  frame(frame: Frame): void {
    fire(this.onmessage, { data: frame });
  }

  closed(code: number): void {
    fire(this.onclose, { code, reason: "" });
  }
}

function fire(handler: ((event: never) => void) | null, event: object): void {
  handler?.(event as never);
}
