import type { Logger } from "pino";
import type { NatsAccess } from "../adapters/nats/options.ts";
import type { Revocations } from "../auth/index.ts";
import type { Clock } from "../clock.ts";
import type { Options } from "../options/index.ts";
import type { Pages } from "./listen.ts";

/** What a gateway takes from outside: nothing in it reaches for a clock, for chance or for a log of its own accord. */
export interface GatewayParts {
  readonly options: Options;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly randomId: () => string;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly revocations: Revocations;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly pages: Pages;
  readonly version: string;
  /** Has the runtime free what nothing refers to any more: before it returns, or beside the work that goes on. */
  readonly collectGarbage: (when: "now" | "beside") => void;
  /** Where the gateways of a cluster meet; without it where the options of the log say. None: a gateway alone. */
  readonly nats?: NatsAccess | undefined;
}
