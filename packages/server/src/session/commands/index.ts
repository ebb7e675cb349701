import type { Command } from "@tidegate/protocol";
import type { Decision } from "../decision.ts";
import type { Session } from "../session.ts";
import { ack } from "./ack.ts";
import { connect } from "./connect.ts";
import { history } from "./history.ts";
import { ping } from "./ping.ts";
import { presence } from "./presence.ts";
import { publish } from "./publish.ts";
import { refresh } from "./refresh.ts";
import { subscribe } from "./subscribe.ts";
import { unsubscribe } from "./unsubscribe.ts";

type CommandOf<K extends Command["kind"]> = Extract<Command, { readonly kind: K }>;

type Handlers = { readonly [K in Command["kind"]]: (session: Session, command: CommandOf<K>) => Decision };

/** One handler for each command. */
export const HANDLERS: Handlers = {
  ack,
  connect,
  history,
  ping,
  presence,
  publish,
  refresh,
  subscribe,
  unsubscribe,
};
