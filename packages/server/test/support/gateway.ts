import { pino, type Logger } from "pino";
import { Revocations, signToken, type TokenRequest } from "../../src/auth/index.ts";
import { systemClock, type Clock } from "../../src/clock.ts";
import { Gateway } from "../../src/gateway/gateway.ts";
import { loadOptions, type Options } from "../../src/options/index.ts";

export const SECRET = "a secret of at least 32 bytes, for tests";

export interface GatewaySettings {
  /** Names of variables without the prefix: `HTTP_MAX_BODY`. */
  readonly env?: Readonly<Record<string, string>>;
  /** Changes the options after they were read: what no variable can set. */
  readonly change?: (options: Options) => Options;
  readonly logger?: Logger;
  readonly clock?: Clock;
  readonly random?: () => number;
}

/** In memory, on a port of its own, and quick to stop, where the variables do not say otherwise. */
export function optionsOf({ env = {}, change = (options) => options }: GatewaySettings): Options {
  const named = Object.entries({ LOG_STORAGE: "memory", HTTP_PORT: "0", DRAIN_DEADLINE: "0", ...env });
  const variables = Object.fromEntries(named.map(([name, value]) => [`TIDEGATE_${name}`, value]));
  return change(loadOptions({ env: variables, flags: {} }));
}

/** A whole gateway in this process; whoever starts it stops it. */
export function startGateway(settings: GatewaySettings): Promise<Gateway> {
  const { clock = systemClock, logger = pino({ level: "silent" }), random = () => 0.5 } = settings;
  return Gateway.start({
    options: optionsOf(settings),
    clock,
    logger,
    randomId: () => crypto.randomUUID().replaceAll("-", ""),
    fetch: () => Promise.reject(new Error("no network in tests")),
    revocations: new Revocations({ clock }),
    random,
    pages: {},
    version: "0.0.0",
    collectGarbage: () => {},
  });
}

export function tokenOf(user: string, more: Partial<TokenRequest> = {}): Promise<string> {
  return signToken({ secret: SECRET, sub: user, ...more }, systemClock);
}
