import type { TargetedEvent } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { useChat } from "./context.ts";
import { Icon } from "./icons.tsx";

/** Below the default `maxPayload` of 64 KB, whatever characters it has. */
const MAX_TEXT = 12_000;

export function Composer() {
  const { chat, state } = useChat();
  const { room } = state;
  const [text, setText] = useState(() => chat.saved.draft(room));
  const area = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => fit(area.current), [text]);

  const change = (next: string): void => {
    setText(next);
    chat.saved.saveDraft(room, next);
    if (next.trim() !== "") chat.typed();
  };
  const send = (): void => {
    if (text.trim() === "") return;
    chat.send(text.trim());
    setText("");
    chat.saved.saveDraft(room, "");
    area.current?.focus();
  };
  const pressed = (event: TargetedEvent<HTMLTextAreaElement, KeyboardEvent>): void => {
    // While an input method composes a character, Enter is its own.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send();
  };
  return (
    <form class="composer" onSubmit={(event) => (event.preventDefault(), send())}>
      <label class="visually-hidden" for="message">
        Message to {room}
      </label>
      <textarea
        id="message"
        ref={area}
        rows={1}
        maxLength={MAX_TEXT}
        placeholder={`Message #${room}`}
        value={text}
        onInput={(event) => change(event.currentTarget.value)}
        onKeyDown={pressed}
        aria-describedby="composer-hint"
        enterkeyhint="send"
      />
      <span class="visually-hidden" id="composer-hint">
        Enter sends, Shift and Enter begin a new line.
      </span>
      <button class="send" type="submit" aria-label="Send" disabled={text.trim() === ""}>
        <Icon name="send" />
      </button>
    </form>
  );
}

/** As high as its text, within what the style sheet allows. */
function fit(area: HTMLTextAreaElement | null): void {
  if (area === null) return;
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight}px`;
}
