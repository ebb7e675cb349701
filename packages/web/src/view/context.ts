import { createContext } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import type { Chat } from "../chat/chat.ts";
import type { ChatState } from "../chat/state.ts";

export interface Surroundings {
  readonly chat: Chat;
  readonly state: ChatState;
  readonly retryNow: () => void;
}

export const ChatContext = createContext<Surroundings | undefined>(undefined);

export function useChat(): Surroundings {
  const value = useContext(ChatContext);
  if (value === undefined) throw new Error("useChat is for components within ChatContext");
  return value;
}

/** The state, drawn anew with each change. */
export function useChatState(chat: Chat): ChatState {
  const [state, setState] = useState(chat.store.value);
  useEffect(() => {
    const take = (): void => setState(chat.store.value);
    take();
    return chat.store.watch(take);
  }, [chat]);
  return state;
}

/** The time, told anew every second while `running`. Milliseconds since 1970. */
export function useNow(running: boolean): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (!running) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, [running]);
  return now;
}
