import type { ClientState } from "@tidegate/client";

/** What a person is told of the connection. */
export type ConnectionView =
  | { readonly kind: "connected" }
  /** The first attempt: nothing is wrong yet. */
  | { readonly kind: "connecting" }
  | { readonly kind: "reconnecting" }
  | { readonly kind: "offline"; readonly seconds: number }
  | { readonly kind: "token"; readonly message: string }
  | { readonly kind: "ended"; readonly message: string };

const TOKEN_REASONS: ReadonlySet<string> = new Set(["unauthenticated", "token_expired", "token_failed", "revoked"]);

/** `lost`: it was connected, or an attempt failed, before. `now` in milliseconds since 1970. */
export function connectionView(state: ClientState, lost: boolean, now: number): ConnectionView {
  switch (state.kind) {
    case "connected":
      return { kind: "connected" };
    case "waiting":
      return { kind: "offline", seconds: Math.max(0, Math.ceil((state.retryAt - now) / 1000)) };
    case "closed":
      return { kind: TOKEN_REASONS.has(state.reason) ? "token" : "ended", message: state.message };
    case "idle":
    case "connecting":
      return { kind: lost ? "reconnecting" : "connecting" };
  }
}

/** One line for people. */
export function connectionText(view: ConnectionView): string {
  switch (view.kind) {
    case "connected":
      return "Connected";
    case "connecting":
      return "Connecting…";
    case "reconnecting":
      return "Offline: connecting…";
    case "offline":
      return view.seconds === 0 ? "Offline: connecting…" : `Offline: trying again in ${view.seconds} s`;
    case "token":
      return "A token is needed";
    case "ended":
      return "Disconnected";
  }
}
