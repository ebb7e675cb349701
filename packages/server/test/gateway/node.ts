import { afterAll } from "bun:test";
import { pino, type Logger } from "pino";
import { Revocations, signToken, type TokenRequest } from "../../src/auth/index.ts";
import { systemClock } from "../../src/clock.ts";
import { Gateway } from "../../src/gateway/gateway.ts";
import { loadOptions, type Options } from "../../src/options/index.ts";

export const SECRET = "a secret of at least 32 bytes, for tests";

export interface NodeSettings {
  /** Names of variables without the prefix: `HTTP_MAX_BODY`. */
  readonly env?: Readonly<Record<string, string>>;
  readonly change?: (options: Options) => Options;
  readonly logger?: Logger;
}

export interface TestNode {
  readonly gateway: Gateway;
  readonly port: number;
  readonly ws: string;
  readonly http: string;
}

const running: Gateway[] = [];
afterAll(async () => {
  await Promise.all(running.map((gateway) => gateway.stop()));
});

/** A whole gateway on a port of its own, in memory, on the real clock. */
export async function startNode({
  env = {},
  change = (options) => options,
  logger,
}: NodeSettings = {}): Promise<TestNode> {
  const named = Object.entries({ LOG_STORAGE: "memory", HTTP_PORT: "0", DRAIN_DEADLINE: "0", ...env });
  const variables = Object.fromEntries(named.map(([name, value]) => [`TIDEGATE_${name}`, value]));
  const gateway = await Gateway.start({
    options: change(loadOptions({ env: variables, flags: {} })),
    clock: systemClock,
    logger: logger ?? pino({ level: "silent" }),
    randomId: () => crypto.randomUUID(),
    fetch: () => Promise.reject(new Error("no network in tests")),
    revocations: new Revocations({ clock: systemClock }),
    random: () => 0.5,
    pages: {},
    version: "0.0.0",
    collectGarbage: () => {},
  });
  running.push(gateway);
  const port = Number(new URL(gateway.url).port);
  return { gateway, port, ws: `ws://127.0.0.1:${port}/ws`, http: `http://127.0.0.1:${port}` };
}

export function tokenOf(user: string, more: Partial<TokenRequest> = {}): Promise<string> {
  return signToken({ secret: SECRET, sub: user, ...more }, systemClock);
}

/** Waits for a condition that something else brings about; the test's own timeout ends it. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
