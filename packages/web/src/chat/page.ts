import { hashOf, roomOfHash } from "../state/room.ts";
import { unreadCount } from "../state/unread.ts";
import type { Chat } from "./chat.ts";
import { type ChatState, meKey } from "./state.ts";

/** Ties the chat to the page around it: address, title, visibility, and a question before something is lost. */
export function followPage(page: Window, chat: Chat): void {
  const show = (): void => {
    const { room } = chat.store.value;
    const hash = hashOf(room);
    if (roomOfHash(page.location.hash) !== room) page.history.replaceState(null, "", hash);
    page.document.title = titleOf(chat.store.value);
  };
  show();
  chat.store.watch(show);
  page.addEventListener("hashchange", () => {
    const room = roomOfHash(page.location.hash);
    if (room === undefined || chat.open(room) !== undefined) show();
  });
  page.document.addEventListener("visibilitychange", () => {
    if (!page.document.hidden) chat.seen();
  });
  page.addEventListener("beforeunload", (event) => {
    if (chat.outbox.pending > 0) event.preventDefault();
  });
}

function titleOf(state: ChatState): string {
  const me = meKey(state);
  let unread = 0;
  for (const { timeline, mark } of state.byRoom.values()) if (timeline.ready) unread += unreadCount(timeline, mark, me);
  return `${unread > 0 ? `(${unread}) ` : ""}${state.room} · Tidegate`;
}
