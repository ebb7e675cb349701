import type { ClientSession } from "./client-session.ts";

/** All sessions of this node, in a list that can be walked in slices while sessions come and go. */
export class SessionTable {
  readonly #list: ClientSession[] = [];
  readonly #perUser = new Map<string, number>();

  get size(): number {
    return this.#list.length;
  }

  add(session: ClientSession): void {
    session.index = this.#list.length;
    this.#list.push(session);
  }

  remove(session: ClientSession): void {
    const last = this.#list.pop();
    if (last === undefined || last === session) return;
    this.#list[session.index] = last;
    last.index = session.index;
  }

  at(index: number): ClientSession | undefined {
    return this.#list[index];
  }

  [Symbol.iterator](): IterableIterator<ClientSession> {
    return this.#list.values();
  }

  connectionsOf(user: string): number {
    return this.#perUser.get(user) ?? 0;
  }

  countUser(user: string, change: 1 | -1): void {
    const count = this.connectionsOf(user) + change;
    if (count > 0) this.#perUser.set(user, count);
    else this.#perUser.delete(user);
  }
}
