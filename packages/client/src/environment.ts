/** Time as the client sees it; a test holds it in its hand. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `task` once after `ms`; the returned function takes that back. */
  after(ms: number, task: () => void): () => void;
}

/** The part of a WebSocket that the client uses: the browser's, Node's, Bun's, Deno's, and the `ws` package's fit. */
export interface Socket {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

export type SocketConstructor = new (url: string, protocols: string[]) => Socket;

/** Everything that the client takes from its surroundings. */
export interface Environment {
  readonly WebSocket: SocketConstructor;
  readonly clock: Clock;
  /** From 0 up to, not with, 1. */
  readonly random: () => number;
  /** A new message id: unique over all clients, at most 128 characters. */
  readonly newId: () => string;
  /** Calls `listener` when the network or the page comes back. Returns what ends that. */
  readonly onWake: (listener: () => void) => () => void;
  /** Errors that no `error` handler takes. */
  readonly report: (error: unknown) => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, task) => {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
};

/** A page tells its network and visibility by events; elsewhere there are none and the heartbeat has to do. */
export function pageWakes(target: Partial<EventTarget> & { readonly document?: EventTarget & { hidden: boolean } }) {
  return (listener: () => void): (() => void) => {
    const whenVisible = (): void => void (target.document?.hidden === false && listener());
    const bound = [
      [target, "online", listener],
      [target, "pageshow", listener],
      [target.document, "visibilitychange", whenVisible],
    ] as const;
    for (const [source, type, handler] of bound) source?.addEventListener?.(type, handler);
    return () => {
      for (const [source, type, handler] of bound) source?.removeEventListener?.(type, handler);
    };
  };
}

/**
 * Ids of 96 random bits and a counter: shorter than UUIDs. `crypto.randomUUID` is missing on pages without TLS,
 * `getRandomValues` is not.
 */
export function idSource(): () => string {
  let prefix = "";
  let count = 0;
  return () => {
    prefix ||= Array.from(crypto.getRandomValues(new Uint32Array(3)), (word) => word.toString(36)).join("");
    return `${prefix}-${(count++).toString(36)}`;
  };
}
