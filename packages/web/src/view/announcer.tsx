import { meKey, roomOf } from "../chat/state.ts";
import { contentOf, senderOf } from "../state/content.ts";
import { useChat } from "./context.ts";

/** Characters of a message that are read out. */
const READ = 200;

/** Says what others wrote to those who do not see it: only the newest message of the room, not a whole page of history. */
export function Announcer() {
  const { state } = useChat();
  const { timeline } = roomOf(state, state.room);
  const last = timeline.ready ? timeline.lines.at(-1)?.message : undefined;
  const sender = last === undefined ? undefined : senderOf(last);
  const isOwn = sender?.key === meKey(state);
  return (
    <div class="visually-hidden" aria-live="polite" data-announcer key={state.room}>
      {last !== undefined && !isOwn && `${sender?.name}: ${contentOf(last).text.slice(0, READ)}`}
    </div>
  );
}
