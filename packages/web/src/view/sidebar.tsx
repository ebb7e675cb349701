import { useState } from "preact/hooks";
import { Avatar } from "./avatar.tsx";
import { useChat } from "./context.ts";
import { Icon, type IconName, Mark } from "./icons.tsx";
import { JoinForm } from "./join-form.tsx";
import { RoomList } from "./room-list.tsx";
import { nextTheme, setTheme } from "./theme.ts";
import type { Theme } from "../chat/saved.ts";

export function Sidebar({ close, editName }: { readonly close: () => void; readonly editName: () => void }) {
  return (
    <aside class="sidebar" aria-label="Rooms">
      <div class="brand">
        <Mark />
        <span class="brand-name">Tidegate</span>
        <ThemeButton />
        <button class="icon-button only-narrow" type="button" aria-label="Close the rooms" onClick={close}>
          <Icon name="close" />
        </button>
      </div>
      <RoomList />
      <JoinForm />
      <Me edit={editName} />
    </aside>
  );
}

function Me({ edit }: { readonly edit: () => void }) {
  const { me } = useChat().state;
  return (
    <button class="me" type="button" onClick={edit} aria-label={`You are ${me.name}. Change your name`}>
      <Avatar id={me.id} name={me.name} />
      <span class="me-name">{me.name}</span>
      <Icon name="pencil" size={16} />
    </button>
  );
}

const ICONS: Readonly<Record<Theme, IconName>> = { auto: "auto", light: "sun", dark: "moon" };
const WORDS: Readonly<Record<Theme, string>> = { auto: "as the system has them", light: "light", dark: "dark" };

function ThemeButton() {
  const { saved } = useChat().chat;
  const [theme, setOwn] = useState(saved.theme);
  const change = (): void => {
    saved.theme = nextTheme(theme);
    setOwn(saved.theme);
    setTheme(window, saved.theme);
  };
  const label = `Colours: ${WORDS[theme]}. Change to ${WORDS[nextTheme(theme)]}`;
  return (
    <button class="icon-button" type="button" aria-label={label} title={`Colours: ${WORDS[theme]}`} onClick={change}>
      <Icon name={ICONS[theme]} />
    </button>
  );
}
