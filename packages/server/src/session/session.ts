import type { Command, Origin, ProtocolError, Rejected, Reply } from "@tidegate/protocol";
import type { Connection, Frame } from "../delivery/connection.ts";
import type { Publisher } from "../log/appender.ts";
import type { Appended } from "../log/log.ts";
import { ClientSession, type SessionEncoder } from "./client-session.ts";
import { increase, type Services } from "./services.ts";

/** The protocol of clients that send commands: commands in, replies and pushes out. */
export interface SessionCodec extends SessionEncoder {
  readonly origin: Origin;
  decode(frame: string | Uint8Array): readonly (Command | Rejected)[];
  reply(id: number | undefined, reply: Reply): Frame;
}

/** Commands that came after `connect` and wait for its outcome, with the bytes of their frames. */
export interface Waiting {
  readonly commands: (Command | Rejected)[];
  size: number;
}

/** A client that sends commands, each of which is answered. */
export class Session extends ClientSession implements Publisher {
  declare readonly encoder: SessionCodec;
  /** While `connect` is under way. */
  waiting: Waiting | undefined = undefined;
  /** Made by the outbox. */
  replies: Frame[] | undefined = undefined;

  constructor(connection: Connection, encoder: SessionCodec, services: Services, remote: string) {
    super(connection, encoder, services, remote);
  }

  sendReply(id: number | undefined, answer: Reply): void {
    this.send(this.encoder.reply(id, answer));
  }

  fail(id: number | undefined, error: ProtocolError): void {
    increase(this.services.counters.errors, error.reason);
    this.sendReply(id, { kind: "error", error });
  }

  published(ticket: number | undefined, epoch: string, { stored, duplicate }: Appended): void {
    if (ticket === undefined || this.state.kind === "closed") return;
    const answer = { kind: "publish", epoch, offset: stored.offset, duplicate } as const;
    this.services.outbox.add(this, this.encoder.reply(ticket, answer));
  }

  refused(ticket: number | undefined, error: ProtocolError): void {
    increase(this.services.counters.errors, error.reason);
    if (this.state.kind === "closed") return;
    this.services.outbox.add(this, this.encoder.reply(ticket, { kind: "error", error }));
  }

  sendReplies(): void {
    const frames = this.replies;
    this.replies = undefined;
    if (frames === undefined || this.state.kind === "closed") return;
    const frame = frames.length === 1 ? frames[0] : this.encoder.join(frames);
    // Corked, so that messages that wait for this client go out in the same write.
    if (frame !== undefined) this.connection.cork(() => void this.connection.send(frame));
  }
}
