/** Where a client stands. */
export type ClientState =
  /** `connect` was not called. */
  | { readonly kind: "idle" }
  | {
      readonly kind: "connecting";
      readonly endpoint: string;
      /** 1 for the first one since the last connection that held. */
      readonly attempt: number;
    }
  | {
      readonly kind: "connected";
      readonly endpoint: string;
      readonly session: string;
      /** Undefined for anonymous clients. */
      readonly user: string | undefined;
    }
  | {
      readonly kind: "waiting";
      /** When it connects again by itself, in milliseconds since 1970. */
      readonly retryAt: number;
      readonly attempt: number;
      readonly reason: string;
      readonly message: string;
    }
  /** For good: `close` was called, or the server said that connecting again is of no use. */
  | {
      readonly kind: "closed";
      readonly reason: string;
      readonly message: string;
      /** The WebSocket close code or the error's number, where there is one. */
      readonly code: number | undefined;
    };
