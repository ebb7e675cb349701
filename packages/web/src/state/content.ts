import type { Message } from "@tidegate/client";
import { cleanName } from "./person.ts";

/** What this page publishes. Others may send any shape. */
export interface Body {
  readonly text: string;
  readonly name: string;
  readonly sender: string;
}

/** What is shown of a payload; always text, never markup. */
export type Content =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "binary"; readonly bytes: number; readonly text: string };

export interface Sender {
  /** The same for all messages of one person. */
  readonly key: string;
  readonly name: string;
}

/** For messages that do not say who sent them, as a plain curl. */
export const NO_NAME = "Anonymous";

/** Bytes of a binary payload that are shown. */
const SHOWN_BYTES = 48;

export function contentOf({ data, format }: Pick<Message, "data" | "format">): Content {
  if (data instanceof Uint8Array) return { kind: "binary", bytes: data.length, text: hex(data) };
  if (typeof data === "string") return { kind: "text", text: data };
  const text = format === "json" ? field(data, "text") : undefined;
  if (text !== undefined) return { kind: "text", text };
  return { kind: "code", text: JSON.stringify(data, undefined, 2) };
}

/** A signed-in user is who the server says; others are who they say. */
export function senderOf({ data, from }: Pick<Message, "data" | "from">): Sender {
  const name = cleanName(field(data, "name") ?? "");
  const id = field(data, "sender");
  if (from !== undefined) return { key: `user:${from}`, name: name ?? from };
  if (id !== undefined) return { key: `id:${id}`, name: name ?? NO_NAME };
  return name === undefined ? { key: "nobody", name: NO_NAME } : { key: `name:${name}`, name };
}

/** The key under which the server and others know this page. `user` is that of the connection. */
export function ownKey(id: string, user: string | undefined): string {
  return user === undefined ? `id:${id}` : `user:${user}`;
}

/** A text of an object's own field: a payload from others may be anything. */
export function field(data: unknown, name: string): string | undefined {
  if (typeof data !== "object" || data === null || !Object.hasOwn(data, name)) return undefined;
  const value = (data as Readonly<Record<string, unknown>>)[name];
  return typeof value === "string" ? value : undefined;
}

function hex(bytes: Uint8Array): string {
  const shown = Array.from(bytes.subarray(0, SHOWN_BYTES), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return bytes.length > SHOWN_BYTES ? `${shown} …` : shown;
}
