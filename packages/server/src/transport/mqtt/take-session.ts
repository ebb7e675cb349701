import type { Claimed as StoreClaim, SessionChange, SessionClaim, StoredSession } from "../../durable/session-store.ts";
import type { MqttClient } from "./client.ts";
import { DAY } from "./progress.ts";
import type { MqttContext } from "./context.ts";
import { Ledger } from "./ledger.ts";
import { readNote, writeNote } from "./note.ts";
import { delayOf, readTestament, writeTestament, type Testament } from "./testament.ts";

export interface Wishes {
  readonly key: string;
  readonly cleanStart: boolean;
  /** Seconds that the session is to outlive the connection. */
  readonly expiry: number;
}

export interface TakenSession {
  /** What the client finds of its session; undefined: it begins anew. */
  readonly resumed: StoredSession | undefined;
  /** Undefined for a session that ends with the connection and has left nothing to be removed. */
  readonly ledger: Ledger | undefined;
  /** Number of the claim; 0 without a ledger. */
  readonly claim: number;
}

/**
 * Makes the session this connection's, wherever in the cluster it is, and whoever has it. Undefined: it would be a new one that is
 * kept, and there are as many as may be.
 */
export async function takeSession(client: MqttClient, wishes: Wishes): Promise<TakenSession | undefined> {
  const { bound, rivals, wills } = client.context;
  // Asked for before the session changes: it may fall due meanwhile, and is not found. Published twice it is one message.
  const waited = wills.has(wishes.key);
  for (let asked: Asked | undefined, hasLooked = false; ;) {
    const { stored, claim } = await claimFor(client, wishes, asked);
    if (claim !== undefined) return taken(client, wishes, { stored, claim, asked, waited });
    if (stored === undefined) {
      if (hasLooked) return undefined;
      hasLooked = true;
      await bound.look();
      continue;
    }
    const node = stored.owner ?? "";
    const resumes = resumedOf(client, wishes, stored) !== undefined;
    asked = { node, answered: (await rivals?.ask(node, wishes.key, resumes)) ?? false };
  }
}

/** Nothing is claimed while another gateway must be asked, or where there is no session and no room for one. */
async function claimFor(client: MqttClient, wishes: Wishes, asked: Asked | undefined): Promise<StoreClaim> {
  const { store, bound } = client.context;
  const { key, expiry } = wishes;
  let isMade = false;
  try {
    const claimed = await store.claim(key, (found) => {
      const isFull = found === undefined && expiry > 0 && !bound.take(key);
      return isFull || mustAsk(client.context, found, asked) ? undefined : changesFor(client, wishes, found);
    });
    isMade = claimed.claim !== undefined;
    return claimed;
  } finally {
    bound.settle(key, isMade);
  }
}

/** A gateway that was asked to let go of the session. */
interface Asked {
  readonly node: string;
  readonly answered: boolean;
}

/** Asked once, a gateway has stored everything, or will not: what it writes from then on is refused. */
function mustAsk({ rivals }: MqttContext, stored: StoredSession | undefined, asked: Asked | undefined): boolean {
  const owner = stored?.owner;
  return owner !== undefined && owner !== asked?.node && rivals?.isThere(owner) === true;
}

function resumedOf(
  { context }: MqttClient,
  { cleanStart }: Wishes,
  stored: StoredSession | undefined,
): StoredSession | undefined {
  const isOver = (stored?.expires ?? Infinity) <= context.services.clock.now();
  return cleanStart || isOver ? undefined : stored;
}

function changesFor(client: MqttClient, wishes: Wishes, stored: StoredSession | undefined): readonly SessionChange[] {
  const resumed = resumedOf(client, wishes, stored);
  const changes: SessionChange[] = [];
  if (stored !== undefined && resumed === undefined) changes.push({ kind: "delete" });
  const { expiry } = wishes;
  if (expiry === 0 && resumed === undefined) return changes;
  if (resumed === undefined) changes.push({ kind: "create", user: client.identity?.user });
  const testament = testamentOf(client);
  const will = testament && writeTestament(testament);
  return [
    ...changes,
    { kind: "owner", owner: client.context.services.nodeId },
    { kind: "expires", at: client.context.services.clock.now() + expiry * 1000 + DAY },
    { kind: "note", text: writeNote({ expiry, will }) },
  ];
}

export function testamentOf({ will, willId, identity }: MqttClient): Testament | undefined {
  return will === undefined || identity === undefined ? undefined : { id: willId, will, identity };
}

interface Claimed {
  readonly stored: StoredSession | undefined;
  readonly claim: SessionClaim;
  readonly asked: Asked | undefined;
  /** A will waited here when the client came. */
  readonly waited: boolean;
}

function taken(client: MqttClient, wishes: Wishes, { stored, claim, asked, waited }: Claimed): TakenSession {
  const { context } = client;
  const resumed = resumedOf(client, wishes, stored);
  context.wills.revoke(wishes.key);
  const isOwn = stored?.owner === context.services.nodeId || (asked?.answered === true && stored?.owner === asked.node);
  if (stored?.owner !== undefined && (!isOwn || waited)) bequeath(context, stored, resumed !== undefined);
  if (wishes.expiry > 0 || resumed !== undefined) {
    const ledger = new Ledger(claim, (error) => client.failed(error, "storing the session"));
    return { resumed, ledger, claim: claim.number };
  }
  claim.release();
  return { resumed, ledger: undefined, claim: 0 };
}

/** A will waits here, or its gateway was killed. That of a session that ends goes out now; one that goes on takes it back. [MQTT-3.1.3-9] */
function bequeath({ wills }: MqttContext, { note }: StoredSession, goesOn: boolean): void {
  const { will, expiry } = readNote(note);
  if (will === undefined) return;
  const testament = readTestament(will);
  if (goesOn && delayOf(testament, expiry) > 0) return;
  wills.leave("", { testament, delay: 0, isStored: false });
}
