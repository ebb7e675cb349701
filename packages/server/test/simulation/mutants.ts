import { MemoryPresence } from "../../src/adapters/memory/presence.ts";
import { Flusher } from "../../src/delivery/flusher.ts";
import type { Log, Page } from "../../src/log/log.ts";
import type { Session, SessionCodec } from "../../src/session/session.ts";
import { SessionTable } from "../../src/session/table.ts";
import type { Faults } from "./node.ts";

export interface Mutant {
  readonly name: string;
  readonly faults: Faults;
}

/** Every third time: faults that always show prove little. */
function sometimes(): () => boolean {
  let count = 0;
  return () => ++count % 3 === 0;
}

/** Ways to break the product that the simulation must notice. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: "the hub drops a message",
    faults: {
      deliver: (batch, deliver) => deliver(batch.filter(({ offset }) => offset % 13 !== 0)),
    },
  },
  {
    name: "the hub gives a message twice",
    faults: {
      deliver: (batch, deliver) => deliver(batch.flatMap((one) => (one.offset % 13 === 0 ? [one, one] : [one]))),
    },
  },
  {
    name: "the hub gives a batch in another order",
    faults: { deliver: (batch, deliver) => deliver(batch.toReversed()) },
  },
  {
    name: "the flusher does not flush before somebody joins or leaves",
    faults: { flusher: (...parts) => new HastyFlusher(...parts) },
  },
  {
    name: "the flusher forgets what waits for the batch delay",
    faults: { flusher: (...parts) => new ForgetfulFlusher(...parts) },
  },
  {
    name: "a catch-up joins without filtering what its pages had",
    faults: { log: (log) => withPages(log, (page, after) => ({ ...page, next: page.more ? page.next : after })) },
  },
  {
    name: "a catch-up takes its page for further than it is",
    faults: { log: (log) => withPages(log, (page) => ({ ...page, next: page.next + 1 })) },
  },
  {
    name: "a catch-up reads one page only",
    faults: { log: (log) => withPages(log, (page) => ({ ...page, more: false, next: log.head() })) },
  },
  {
    name: "a partial recovery is called whole",
    faults: { log: (log) => withPages(log, (page) => ({ ...page, complete: true })) },
  },
  {
    name: "a publish is acknowledged before it is stored",
    faults: { log: acknowledgingEarly },
  },
  {
    name: "a message id is forgotten",
    faults: {
      log: (log) => withAppend(log, (messages) => log.append(messages.map((one) => ({ ...one, id: undefined })))),
    },
  },
  {
    name: "a publish is refused and stored",
    faults: { log: refusingStored },
  },
  {
    name: "a message is given before it is stored",
    faults: { log: tellingEarly },
  },
  {
    name: "the log of a filter ends too soon",
    faults: { log: (log) => withPages(log, (page) => ({ ...page, messages: page.messages.slice(0, 3), more: false })) },
  },
  {
    name: "gaps are not told",
    faults: {
      codec: once((codec) => ({
        ...codec,
        push: (push) => (push.kind === "gap" ? codec.reply(undefined, { kind: "ping" }) : codec.push(push)),
      })),
    },
  },
  {
    name: "a member never leaves",
    faults: { presence: (clock) => new StickyPresence({ clock }) },
  },
  {
    name: "a session is never let go",
    faults: { sessions: () => new LeakyTable() },
  },
];

class HastyFlusher extends Flusher {
  override flushGroup(): void {}
}

class ForgetfulFlusher extends Flusher {
  override queue(...[group, pending, urgent]: Parameters<Flusher["queue"]>): void {
    if (group.policy.batch.delay === 0 || urgent) super.queue(group, pending, urgent);
  }
}

class StickyPresence extends MemoryPresence {
  override exit(topic: string, session: string, gone: boolean): void {
    if (gone) super.exit(topic, session, gone);
  }
}

class LeakyTable extends SessionTable {
  readonly #skip = sometimes();

  override remove(session: Session): void {
    if (!this.#skip()) super.remove(session);
  }
}

/** A codec is known by its identity: there is one changed one for each. */
function once(change: (codec: SessionCodec) => SessionCodec): (codec: SessionCodec) => SessionCodec {
  const known = new Map<SessionCodec, SessionCodec>();
  return (codec) => {
    const changed = known.get(codec) ?? change(codec);
    known.set(codec, changed);
    return changed;
  };
}

/** A log of which one method is another. */
function withMethod<K extends keyof Log>(log: Log, name: K, method: Log[K]): Log {
  return new Proxy(log, {
    get(target, key) {
      if (key === name) return method;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

function withPages(log: Log, change: (page: Page, after: number) => Page): Log {
  return withMethod(log, "read", async (query) => change(await log.read(query), query.after));
}

function withAppend(log: Log, append: Log["append"]): Log {
  return withMethod(log, "append", append);
}

/** The positions are guessed; often they are right. */
function acknowledgingEarly(log: Log): Log {
  return withAppend(log, (messages) => {
    const head = log.head();
    log.append(messages).catch(() => {});
    return Promise.resolve(
      messages.map((_, i) => ({ stored: { offset: head + 1 + i, previous: head + i }, duplicate: false })),
    );
  });
}

function refusingStored(log: Log): Log {
  const fails = sometimes();
  return withAppend(log, async (messages) => {
    const results = await log.append(messages);
    if (fails()) throw new Error("the simulated answer was lost");
    return results;
  });
}

/** The tail hears of a message when it is appended. */
function tellingEarly(log: Log): Log {
  let tell: Parameters<Log["tail"]>[0] = { messages: () => {} };
  const followed = withMethod(log, "tail", (handler) => {
    tell = handler;
    return log.tail({ messages: () => {} });
  });
  return withAppend(followed, (messages) => {
    const head = log.head();
    tell.messages(messages.map((message, i) => ({ message, offset: head + 1 + i, previous: head + i })));
    return log.append(messages);
  });
}
