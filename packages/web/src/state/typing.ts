import type { Message } from "@tidegate/client";
import { field, senderOf } from "./content.ts";
import { cleanName } from "./person.ts";

/** Milliseconds: a page says at most this often that somebody types, and is believed for the second time. */
export const TYPING_EVERY = 3000;
export const TYPING_LASTS = 5000;
const MAX_TYPING = 20;

/** Who types, by key: the name, and until when that is believed. */
export type Typing = ReadonlyMap<string, { readonly name: string; readonly until: number }>;

export const NO_TYPING: Typing = new Map();

/** Not a room of its own: the second level keeps it apart from rooms, and within the permissions of its room. */
export function typingTopic(room: string): string {
  return `chat/${room}/typing`;
}

/** A word on the typing topic. Words that are old when they come (after a reconnect) say nothing of now. */
export function typed(typing: Typing, message: Message, now: number): Typing {
  const { key } = senderOf(message);
  const name = cleanName(field(message.data, "name") ?? "");
  if (name === undefined || typing.size >= MAX_TYPING || now - message.time > TYPING_LASTS) return typing;
  return new Map([...typing, [key, { name, until: now + TYPING_LASTS }]]);
}

/** Who sent the message has stopped typing it. */
export function stopped(typing: Typing, key: string): Typing {
  return typing.has(key) ? new Map([...typing].filter(([each]) => each !== key)) : typing;
}

export function believed(typing: Typing, now: number): Typing {
  return new Map([...typing].filter(([, { until }]) => until > now));
}

/** Names to tell, without the own one. */
export function typists(typing: Typing, me: string): readonly string[] {
  return [...typing].filter(([key]) => key !== me).map(([, { name }]) => name);
}
