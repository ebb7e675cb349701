import type { Position, Priority, Stored } from "./message.ts";
import type { Payload } from "./payload.ts";
import type { ProtocolError } from "./error.ts";

/**
 * What a client may ask, in the words of no protocol. `id` is the client's number for the command and comes back in its
 * reply; a command without one gets no reply unless it fails.
 */
export type Command =
  | ConnectCommand
  | RefreshCommand
  | SubscribeCommand
  | UnsubscribeCommand
  | PublishCommand
  | AckCommand
  | HistoryCommand
  | PresenceCommand
  | PingCommand;

export interface ConnectCommand {
  readonly kind: "connect";
  readonly id: number | undefined;
  /** JWT or API key; absent for anonymous. */
  readonly token: string | undefined;
  /** Position to resume the personal topic from. */
  readonly since: Position | undefined;
  /** Name and version of the client software, for logs. */
  readonly client: string | undefined;
}

/** A new token on a live connection. */
export interface RefreshCommand {
  readonly kind: "refresh";
  readonly id: number | undefined;
  readonly token: string;
}

export interface SubscribeCommand {
  readonly kind: "subscribe";
  readonly id: number | undefined;
  /** A topic, or a filter with `+` and `#`. */
  readonly topic: string;
  /** Replay what was stored after this position, then go on live. */
  readonly since: Position | undefined;
  /** Send the retained values that match before going live. */
  readonly retained: boolean;
  /** Be present in the topic and receive `join` and `leave`; JSON text of what others see of this client. */
  readonly presence: { readonly info: string | undefined } | undefined;
  /** At most this many messages are under way without `ack`; what is not acknowledged in time is sent again. */
  readonly window: number | undefined;
}

export interface UnsubscribeCommand {
  readonly kind: "unsubscribe";
  readonly id: number | undefined;
  readonly topic: string;
}

export interface PublishCommand {
  readonly kind: "publish";
  readonly id: number | undefined;
  readonly topic: string;
  readonly payload: Payload;
  readonly messageId: string | undefined;
  readonly priority: Priority;
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly retain: boolean;
}

/** All messages of the subscription up to and with `offset` are done. */
export interface AckCommand {
  readonly kind: "ack";
  readonly id: number | undefined;
  readonly topic: string;
  readonly offset: number;
}

export interface HistoryCommand {
  readonly kind: "history";
  readonly id: number | undefined;
  /** An exact topic. */
  readonly topic: string;
  /** Oldest first, after this position. Absent with `before`: newest `limit` messages, still oldest first. */
  readonly after: Position | undefined;
  /** The newest `limit` messages before this offset, oldest first. */
  readonly before: number | undefined;
  readonly limit: number | undefined;
}

export interface PresenceCommand {
  readonly kind: "presence";
  readonly id: number | undefined;
  readonly topic: string;
  /** Only the number of members. */
  readonly countOnly: boolean;
}

export interface PingCommand {
  readonly kind: "ping";
  readonly id: number | undefined;
}

export type Reply =
  | ConnectReply
  | { readonly kind: "refresh"; readonly expires: number | undefined }
  | SubscribeReply
  | { readonly kind: "unsubscribe" }
  | { readonly kind: "publish"; readonly epoch: string; readonly offset: number; readonly duplicate: boolean }
  | { readonly kind: "ack" }
  | HistoryReply
  | { readonly kind: "presence"; readonly count: number; readonly members: readonly Member[] | undefined }
  | { readonly kind: "ping" }
  | { readonly kind: "error"; readonly error: ProtocolError };

export interface ConnectReply {
  readonly kind: "connect";
  /** Id of this connection's session. */
  readonly session: string;
  /** Absent for anonymous clients. */
  readonly user: string | undefined;
  /** Seconds: a client that heard nothing for so long sends `ping`. */
  readonly ping: number;
  /** When the token ends, in milliseconds since 1970. */
  readonly expires: number | undefined;
  /** The personal topic that this session is subscribed to, and where it stands. */
  readonly personal: (SubscribeState & { readonly topic: string }) | undefined;
}

export interface SubscribeState {
  /** Undefined for a filter over several namespaces, which has no position. */
  readonly epoch: string | undefined;
  /** Everything up to here was or will be replayed, everything after it comes live. */
  readonly offset: number | undefined;
  /** Only after `since`: whether nothing is missing between it and the live messages. */
  readonly recovered: boolean | undefined;
}

export interface SubscribeReply extends SubscribeState {
  readonly kind: "subscribe";
}

export interface HistoryReply {
  readonly kind: "history";
  readonly epoch: string;
  readonly messages: readonly Stored[];
  /** Whether more messages follow in the asked direction. */
  readonly more: boolean;
  /** False if messages after the asked position were already removed, or the epoch is another one. */
  readonly complete: boolean;
}

/** Somebody who is present in a topic. One user on several devices is one member. */
export interface Member {
  /** The user id, or the session id of an anonymous client. */
  readonly user: string;
  /** JSON text of what the client said of itself. */
  readonly info: string | undefined;
}

export type Push =
  | MessagePush
  | {
      readonly kind: "join" | "leave";
      readonly topic: string;
      /** At most a stated number; `count` is the whole truth. */
      readonly members: readonly Member[];
      readonly count: number;
    }
  /** The server ended a subscription. */
  | { readonly kind: "unsubscribed"; readonly topic: string; readonly error: ProtocolError }
  /** Messages after `offset` (as far as this client was given them) were skipped up to and with `to`. */
  | { readonly kind: "gap"; readonly topic: string; readonly after: number; readonly to: number }
  /** Connect again after `delay` plus a random part of `spread`, both in milliseconds. */
  | { readonly kind: "reconnect"; readonly delay: number; readonly spread: number };

export interface MessagePush {
  readonly kind: "message";
  readonly stored: Stored;
  /** The filter of the subscription that it belongs to, where that is not the topic itself. */
  readonly filter: string | undefined;
  /** It was sent before and not acknowledged. */
  readonly redelivered: boolean;
}
