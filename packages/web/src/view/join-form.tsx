import type { TargetedEvent } from "preact";
import { useState } from "preact/hooks";
import { hashOf, readRoomName } from "../state/room.ts";
import { useChat } from "./context.ts";
import { Icon } from "./icons.tsx";

/** Rooms need not be made: the first message makes one. */
export function JoinForm() {
  const { chat } = useChat();
  const [text, setText] = useState("");
  const [fault, setFault] = useState<string | undefined>(undefined);
  const join = (event: TargetedEvent<HTMLFormElement, SubmitEvent>): void => {
    event.preventDefault();
    const read = readRoomName(text);
    const wrong = "fault" in read ? read.fault : chat.open(read.room);
    setFault(wrong);
    if (wrong !== undefined || !("room" in read)) return;
    setText("");
    location.hash = hashOf(read.room);
  };
  return (
    <form class="join" onSubmit={join}>
      <label class="visually-hidden" for="join-room">
        Join or create a room
      </label>
      <input
        id="join-room"
        class="field"
        placeholder="Join or create a room"
        autocomplete="off"
        spellcheck={false}
        maxLength={80}
        value={text}
        aria-describedby={fault === undefined ? undefined : "join-fault"}
        aria-invalid={fault !== undefined}
        onInput={(event) => (setText(event.currentTarget.value), setFault(undefined))}
      />
      <button class="icon-button join-button" type="submit" aria-label="Join the room">
        <Icon name="plus" />
      </button>
      {fault !== undefined && (
        <p class="fault" id="join-fault" role="alert">
          {fault}
        </p>
      )}
    </form>
  );
}
