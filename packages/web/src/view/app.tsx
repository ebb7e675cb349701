import { useEffect, useState } from "preact/hooks";
import type { Chat } from "../chat/chat.ts";
import { connectionView } from "../state/connection.ts";
import { Announcer } from "./announcer.tsx";
import { ChatContext, useChatState } from "./context.ts";
import { NameDialog } from "./name-dialog.tsx";
import { Room } from "./room.tsx";
import { SidePanel } from "./side-panel.tsx";
import { Sidebar } from "./sidebar.tsx";
import { TokenDialog } from "./token-dialog.tsx";

export type Drawer = "rooms" | "side" | undefined;

export function App({ chat, retryNow }: { readonly chat: Chat; readonly retryNow: () => void }) {
  const state = useChatState(chat);
  const [drawer, setDrawer] = useState<Drawer>(undefined);
  const [editsName, setEditsName] = useState(false);
  const view = connectionView(state.client, state.lost, 0);
  useEffect(() => setDrawer(undefined), [state.room]);
  useEscape(() => setDrawer(undefined));
  useDrawerFocus(drawer);
  return (
    <ChatContext.Provider value={{ chat, state, retryNow }}>
      <div class="app" data-drawer={drawer}>
        <Sidebar close={() => setDrawer(undefined)} editName={() => setEditsName(true)} />
        <Room open={setDrawer} />
        <SidePanel close={() => setDrawer(undefined)} />
        <button class="backdrop" type="button" tabIndex={-1} aria-label="Close" onClick={() => setDrawer(undefined)} />
      </div>
      <Announcer />
      {view.kind === "token" && <TokenDialog message={view.message} />}
      {view.kind !== "token" && (!state.named || editsName) && <NameDialog done={() => setEditsName(false)} />}
    </ChatContext.Provider>
  );
}

function useEscape(task: () => void): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => void (event.key === "Escape" && task());
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, []);
}

/** The focus goes into a drawer that opens, and back to where it was. */
function useDrawerFocus(drawer: Drawer): void {
  useEffect(() => {
    if (drawer === undefined) return;
    const before = document.activeElement;
    const close = document.querySelector<HTMLElement>(drawer === "side" ? ".side-close" : ".sidebar .only-narrow");
    // Until the next frame the drawer is hidden and takes no focus.
    const frame = requestAnimationFrame(() => requestAnimationFrame(() => close?.focus()));
    return () => {
      cancelAnimationFrame(frame);
      if (before instanceof HTMLElement) before.focus();
    };
  }, [drawer]);
}
