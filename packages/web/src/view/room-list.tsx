import { meKey, roomOf } from "../chat/state.ts";
import { hashOf } from "../state/room.ts";
import { badge, unreadCount } from "../state/unread.ts";
import { useChat } from "./context.ts";
import { Icon } from "./icons.tsx";

export function RoomList() {
  const { rooms } = useChat().state;
  return (
    <nav class="rooms" aria-label="Your rooms">
      <h2 class="label">Rooms</h2>
      <ul>
        {rooms.map((room) => (
          <RoomLink key={room} room={room} />
        ))}
      </ul>
    </nav>
  );
}

function RoomLink({ room }: { readonly room: string }) {
  const { chat, state } = useChat();
  const { timeline, mark } = roomOf(state, room);
  const unread = timeline.ready ? unreadCount(timeline, mark, meKey(state)) : 0;
  const isCurrent = room === state.room;
  return (
    <li class="room-item">
      <a
        class={unread > 0 ? "room-link has-unread" : "room-link"}
        href={hashOf(room)}
        aria-current={isCurrent ? "page" : undefined}
      >
        <span class="room-hash" aria-hidden="true">
          #
        </span>
        <span class="room-name">{room}</span>
        {unread > 0 && (
          <span class="badge" aria-label={`${badge(unread)} unread`}>
            {badge(unread)}
          </span>
        )}
      </a>
      {state.rooms.length > 1 && (
        <button
          class="icon-button room-leave"
          type="button"
          aria-label={`Leave ${room}`}
          title="Leave"
          onClick={() => chat.leave(room)}
        >
          <Icon name="close" size={16} />
        </button>
      )}
    </li>
  );
}
