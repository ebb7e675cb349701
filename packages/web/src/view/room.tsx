import { meKey, roomOf } from "../chat/state.ts";
import { nameList } from "../state/notice-text.ts";
import { howMany } from "../state/people.ts";
import { typists } from "../state/typing.ts";
import type { Drawer } from "./app.tsx";
import { Composer } from "./composer.tsx";
import { ConnectionBar, ConnectionDot } from "./connection.tsx";
import { useChat } from "./context.ts";
import { Icon } from "./icons.tsx";
import { MessageList } from "./message-list.tsx";

export function Room({ open }: { readonly open: (drawer: Drawer) => void }) {
  const { state } = useChat();
  const { room } = state;
  const { timeline } = roomOf(state, room);
  return (
    <main class="room">
      <RoomHeader open={open} />
      <div class="stage">
        <ConnectionBar />
        {timeline.refused === undefined ? <MessageList key={room} /> : <Refused reason={timeline.refused} />}
      </div>
      <TypingNote />
      <Composer key={room} />
    </main>
  );
}

function RoomHeader({ open }: { readonly open: (drawer: Drawer) => void }) {
  const { state } = useChat();
  const { people } = roomOf(state, state.room);
  const count = howMany(people);
  return (
    <header class="room-header">
      <button class="icon-button only-narrow" type="button" aria-label="Show the rooms" onClick={() => open("rooms")}>
        <Icon name="menu" />
      </button>
      <div class="room-title">
        <h1>
          <span aria-hidden="true">#</span>
          {state.room}
        </h1>
        <ConnectionDot />
      </div>
      <button
        class="side-button only-without-side"
        type="button"
        aria-label={`${count} here. Show people and commands`}
        onClick={() => open("side")}
      >
        <Icon name="people" />
        <span>{count}</span>
      </button>
    </header>
  );
}

function Refused({ reason }: { readonly reason: string }) {
  return (
    <div class="empty">
      <p class="empty-title">This room is closed to you</p>
      <p>The server says: {reason}</p>
    </div>
  );
}

/** Always as high as one line, so that nothing moves when somebody begins to type. */
function TypingNote() {
  const { state } = useChat();
  const names = typists(roomOf(state, state.room).typing, meKey(state));
  return (
    <p class="typing" aria-hidden={names.length === 0}>
      {names.length > 0 && `${nameList(names)} ${names.length === 1 ? "is" : "are"} typing…`}
    </p>
  );
}
