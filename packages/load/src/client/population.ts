import type { Client } from "./client.ts";

/** Connections that are being opened at the same time: below every listen backlog in use. */
const OPENING = 200;

/** Clients that run against one server, and what must be true of them in the end. */
export class Population {
  readonly clients: readonly Client[];

  constructor(clients: readonly Client[]) {
    this.clients = clients;
  }

  /** Resolves when all are connected and subscribed; rejects with the first refusal. */
  async open(): Promise<void> {
    const waiting = this.clients.values();
    const openers = Array.from({ length: OPENING }, async () => {
      for (const client of waiting) await client.open();
    });
    await Promise.all(openers);
  }

  close(): void {
    for (const client of this.clients) client.close();
  }
}
