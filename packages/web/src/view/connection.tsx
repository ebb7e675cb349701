import { connectionText, connectionView } from "../state/connection.ts";
import { useChat, useNow } from "./context.ts";

/** One line below the room's name. */
export function ConnectionDot() {
  const { client, lost } = useChat().state;
  const now = useNow(client.kind === "waiting");
  const view = connectionView(client, lost, now);
  return (
    <p class="connection" data-state={view.kind} role="status">
      <span class="dot" aria-hidden="true" />
      {view.kind === "offline" || view.kind === "reconnecting" ? "Offline" : connectionText(view)}
    </p>
  );
}

/** Lies over the messages while there is no connection, so that nothing moves when it comes and goes. */
export function ConnectionBar() {
  const { chat, state, retryNow } = useChat();
  const { client, lost } = state;
  const now = useNow(client.kind === "waiting");
  const view = connectionView(client, lost, now);
  if (view.kind === "connected" || view.kind === "connecting" || view.kind === "token") return null;
  const text = view.kind === "ended" ? `Disconnected: ${view.message}` : connectionText(view);
  const act = (): void => (view.kind === "ended" ? chat.useToken(chat.saved.token) : retryNow());
  return (
    <div class="bar">
      <div>
        <strong>{text}</strong>
        {view.kind !== "ended" && <span class="bar-more">What you send is kept and goes out later.</span>}
      </div>
      <button class="button" type="button" onClick={act}>
        {view.kind === "ended" ? "Connect again" : "Try now"}
      </button>
    </div>
  );
}
