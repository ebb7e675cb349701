export { Client, type ClientEvents, type HistoryPage, type HistoryQuery } from "./client.ts";
export type { Clock, Socket, SocketConstructor } from "./environment.ts";
export { type ClientReason, TidegateError } from "./errors.ts";
export type { Gap, Member, Message, Position, Priority } from "./message.ts";
export type { ClientOptions, QueueLimits, Timeouts, TokenSource } from "./options.ts";
export type { PayloadFormat } from "./payload.ts";
export type { PublishOptions } from "./publisher.ts";
export type { ClientState } from "./state.ts";
export type {
  Membership,
  SubscribeOptions,
  Subscription,
  SubscriptionEvents,
  SubscriptionState,
} from "./subscription.ts";
export type { Presence, Published } from "./wire.ts";
