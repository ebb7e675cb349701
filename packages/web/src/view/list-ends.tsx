import type { Timeline } from "../state/timeline.ts";
import { useChat } from "./context.ts";

/** As high in every state, so that the list does not jump. */
export function OlderMessages({ older, load }: { readonly older: Timeline["older"]; readonly load: () => void }) {
  return (
    <div class="older">
      {older === "more" && (
        <button class="button" type="button" onClick={load}>
          Load older messages
        </button>
      )}
      {older === "loading" && <span>Loading older messages…</span>}
      {older === "none" && <span>This is where the room begins</span>}
      {older === "full" && <span>Still older messages are in the history, but not shown here</span>}
    </div>
  );
}

export function EmptyRoom() {
  const { room } = useChat().state;
  return (
    <div class="empty">
      <p class="empty-title">Nobody has said anything in #{room}</p>
      <p>
        Write the first message,{" "}
        <a href={`?guest${location.hash}`} target="_blank" rel="noopener">
          open a second tab as somebody else
        </a>
        , or post from a terminal with the commands of this page.
      </p>
    </div>
  );
}

/** Stands where messages will be. */
export function Skeleton() {
  return (
    <div class="skeleton" aria-hidden="true">
      {[62, 40, 74].map((width) => (
        <div class="skeleton-row" key={width}>
          <span class="skeleton-avatar" />
          <span class="skeleton-bubble" style={{ width: `${width}%` }} />
        </div>
      ))}
    </div>
  );
}
