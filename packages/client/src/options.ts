import type { BackoffRange } from "./backoff.ts";
import {
  type Clock,
  type Environment,
  idSource,
  pageWakes,
  type SocketConstructor,
  systemClock,
} from "./environment.ts";

/** A token, or what gets one: called before every connect and before the token ends. */
export type TokenSource = string | (() => string | Promise<string>);

export interface Timeouts {
  /** From the first step of connecting (getting the token) to the reply to `connect`. Default 10,000 ms. */
  readonly connect: number;
  /** From sending a command to its reply. Default 10,000 ms. */
  readonly command: number;
  /** From a heartbeat's ping to any answer. Default 5,000 ms. */
  readonly pong: number;
  /** The same for the ping after the network or the page came back, when a dead connection is likely. Default 2,000 ms. */
  readonly wake: number;
  /** A connection or subscription that held for so long starts the back-off anew. Default 5,000 ms. */
  readonly stable: number;
  /**
   * Nothing but temporary errors to a repair for so long, and it is given up with a gap. It is long, because whatever is away may
   * come back, and messages would be lost. `Infinity`: never. Default 600,000 ms.
   */
  readonly repair: number;
}

export interface QueueLimits {
  /** Publishes that wait for their reply. Default 1,000. */
  readonly messages: number;
  /** Characters of their JSON. Default 1,000,000. */
  readonly bytes: number;
  /**
   * Publishes of one topic that are under way at once. Default 1: the order of a topic holds even if the server refuses
   * one for the moment. More is faster, and then such a one may be stored after its successors.
   */
  readonly inFlight: number;
}

export interface ClientOptions {
  readonly token?: TokenSource;
  /** Name and version of your program, for the server's logs. At most 128 characters. */
  readonly clientName?: string;
  /** The waits before another try: to connect, to publish, to subscribe, to ask. */
  readonly backoff?: Partial<BackoffRange>;
  readonly queue?: Partial<QueueLimits>;
  readonly timeouts?: Partial<Timeouts>;
  /** Where there is no global one. */
  readonly WebSocket?: SocketConstructor;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly newId?: () => string;
  readonly onWake?: (listener: () => void) => () => void;
  /** Takes errors while the client has no `error` handler. Default: the console. */
  readonly report?: (error: unknown) => void;
}

export interface Settings {
  readonly endpoints: readonly [string, ...string[]];
  readonly token: TokenSource | undefined;
  readonly clientName: string | undefined;
  readonly backoff: BackoffRange;
  readonly queue: QueueLimits;
  readonly timeouts: Timeouts;
}

/** Throws a TypeError that says what is wrong. */
export function readOptions(endpoints: string | readonly string[], options: ClientOptions): Settings {
  return {
    endpoints: readEndpoints(endpoints),
    token: options.token,
    clientName: options.clientName,
    backoff: amounts("backoff", { min: 200, max: 20_000, unavailable: 5000 }, options.backoff),
    queue: amounts("queue", { messages: 1000, bytes: 1_000_000, inFlight: 1 }, options.queue),
    timeouts: amounts(
      "timeouts",
      { connect: 10_000, command: 10_000, pong: 5000, wake: 2000, stable: 5000, repair: 600_000 },
      options.timeouts,
    ),
  };
}

export function readEnvironment(options: ClientOptions): Environment {
  const WebSocket = options.WebSocket ?? (globalThis.WebSocket as SocketConstructor | undefined);
  if (!WebSocket) throw new TypeError("WebSocket: there is no global one here; pass one in the options");
  return {
    WebSocket,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    newId: options.newId ?? idSource(),
    onWake: options.onWake ?? pageWakes(globalThis as Parameters<typeof pageWakes>[0]),
    // oxlint-disable-next-line no-console -- an error that nobody takes must not vanish
    report: options.report ?? ((error) => console.error(error)),
  };
}

function readEndpoints(given: string | readonly string[]): Settings["endpoints"] {
  const [first, ...rest] = typeof given === "string" ? [given] : given;
  if (first === undefined) throw new TypeError("endpoints: there is none; give one, or a list");
  for (const endpoint of [first, ...rest]) {
    if (!/^wss?:\/\//.test(endpoint))
      throw new TypeError(`endpoints: "${endpoint}" does not begin with ws:// or wss://`);
  }
  return [first, ...rest];
}

/** Unknown names and numbers that make no sense are refused: a misspelled option must not be a default in silence. */
function amounts<T extends object>(path: string, defaults: T, given: Partial<T> = {}): T {
  for (const [name, value] of Object.entries(given)) {
    const known = Object.keys(defaults);
    if (!known.includes(name)) throw new TypeError(`${path}.${name}: unknown; there are ${known.join(", ")}`);
    if (typeof value !== "number" || !(value > 0)) throw new TypeError(`${path}.${name}: it must be a number above 0`);
  }
  return { ...defaults, ...given };
}
