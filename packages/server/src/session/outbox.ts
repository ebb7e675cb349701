import type { Frame } from "../delivery/connection.ts";
import type { Session } from "./session.ts";

/**
 * Replies that are made outside of a connection's own turn (acknowledged publishes), gathered so that each client gets
 * all of its replies, and the messages that wait for it, in one write.
 */
export class Outbox {
  #sessions: Session[] = [];

  add(session: Session, frame: Frame): void {
    if (session.replies === undefined) {
      session.replies = [frame];
      this.#sessions.push(session);
    } else session.replies.push(frame);
  }

  flush(): void {
    const sessions = this.#sessions;
    if (sessions.length === 0) return;
    this.#sessions = [];
    for (const session of sessions) session.sendReplies();
  }
}
