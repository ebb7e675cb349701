import type { Member, Membership, Message, Presence } from "@tidegate/client";
import { field, NO_NAME } from "./content.ts";
import { cleanName } from "./person.ts";

/** Somebody in a room. Two pages of one person are one. */
export interface Here {
  readonly id: string;
  readonly name: string;
}

export interface People {
  /** By the name under which the server counts a member: a user, or a session without one. */
  readonly members: ReadonlyMap<string, Here>;
  /** The server's number: the whole truth where the list is cut. */
  readonly count: number;
  /** Who was gone from an answer without having left (the server was restarted): that they return is no news. */
  readonly lost: ReadonlySet<string>;
}

export interface Change {
  readonly people: People;
  /** Names worth a line in the room. */
  readonly names: readonly string[];
}

export const NOBODY: People = { members: new Map(), count: 0, lost: new Set() };

/** An answer of the server replaces the list. */
export function answered(before: People, { count, members = [] }: Presence): People {
  const now = new Map(members.map((member) => [member.user, hereOf(member)]));
  const ids = idsOf(now);
  const lost = [...before.members.values()].map(({ id }) => id).filter((id) => !ids.has(id));
  return {
    members: now,
    count,
    lost: new Set([...lost, ...[...before.lost].filter((id) => !ids.has(id))].slice(0, 100)),
  };
}

export function joined(before: People, { members, count }: Membership, me: string | undefined): Change {
  const ids = idsOf(before.members);
  const come = members.map(hereOf).filter(({ id }) => id !== me && !ids.has(id) && !before.lost.has(id));
  const now = new Map([...before.members, ...members.map((member) => [member.user, hereOf(member)] as const)]);
  const back = new Set(members.map((member) => hereOf(member).id));
  const lost = new Set([...before.lost].filter((id) => !back.has(id)));
  return { people: { members: now, count, lost }, names: unique(come.map(({ name }) => name)) };
}

export function left(before: People, { members, count }: Membership, me: string | undefined): Change {
  const gone = new Set(members.map(({ user }) => user));
  const now = new Map([...before.members].filter(([user]) => !gone.has(user)));
  const ids = idsOf(now);
  const names = [...gone]
    .flatMap((user) => before.members.get(user) ?? [])
    .filter(({ id }) => id !== me && !ids.has(id));
  return { people: { ...before, members: now, count }, names: unique(names.map(({ name }) => name)) };
}

/** Somebody has a new name: a message with it is the first that others hear of it. */
export function heard(people: People, { data }: Pick<Message, "data">): People {
  const [id, said] = [field(data, "sender"), field(data, "name")];
  const name = cleanName(said ?? "");
  const known = [...people.members].find(([, here]) => here.id === id);
  if (id === undefined || name === undefined || known === undefined || known[1].name === name) return people;
  const members = [...people.members].map(([user, here]) => [user, here.id === id ? { id, name } : here] as const);
  return { ...people, members: new Map(members) };
}

/** Each person once: the own one first, then by name. */
export function listed({ members }: People, me: string): readonly Here[] {
  const all = [...new Map([...members.values()].map((here) => [here.id, here])).values()];
  return all.sort((a, b) => Number(b.id === me) - Number(a.id === me) || a.name.localeCompare(b.name));
}

/** How many people to tell: the list where it is whole, else the server's number of members. */
export function howMany(people: People): number {
  return people.members.size === people.count ? idsOf(people.members).size : people.count;
}

/** A list with another length than the count has not heard all. */
export function isStale({ members, count }: People, listLimit: number): boolean {
  return members.size !== count && (count <= listLimit || members.size < listLimit);
}

function hereOf({ user, info }: Member): Here {
  return { id: field(info, "id") ?? user, name: cleanName(field(info, "name") ?? "") ?? NO_NAME };
}

function idsOf(members: ReadonlyMap<string, Here>): ReadonlySet<string> {
  return new Set([...members.values()].map(({ id }) => id));
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}
