import type { Reply } from "@tidegate/protocol";
import type { Frame } from "../../src/delivery/connection.ts";
import type { ClientEnd, Line } from "./line.ts";
import type { Node } from "./node.ts";

/** A client as its connections see it. */
export interface SeatOwner {
  readonly name: string;
  opened(seat: Seat): void;
  frame(seat: Seat, frame: Frame): void;
  closed(seat: Seat, code: number): void;
}

/** One connection of a client. */
export class Seat implements ClientEnd {
  readonly name: string;
  readonly subprotocol: string;
  readonly answers = new Map<number, (reply: Reply) => void>();
  readonly #client: SeatOwner;
  line: Line | undefined = undefined;
  node: Node | undefined = undefined;
  session: string | undefined = undefined;
  lastId = 0;

  constructor(client: SeatOwner, subprotocol: string) {
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
