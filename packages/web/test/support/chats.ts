import { Chat } from "../../src/chat/chat.ts";
import type { Environment } from "../../src/chat/environment.ts";
import { memoryArea, Saved } from "../../src/chat/saved.ts";
import { type RoomState, roomOf } from "../../src/chat/state.ts";

let ids = 0;

/** A chat without a page, whose time and eyes a test holds. */
export class TestChat {
  readonly chat: Chat;
  /** Milliseconds since 1970, as the chat sees it. */
  now = Date.now();
  visible = true;

  constructor(url: string, name: string, room = "room_1", browser = memoryArea()) {
    const environment: Environment = {
      url: `${url.replace(/^http/, "ws")}/ws`,
      now: () => this.now,
      random: () => 0,
      newId: () => `${name}-${ids++}`,
      after: (ms, task) => {
        const timer = setTimeout(task, ms);
        return () => clearTimeout(timer);
      },
      onWake: () => () => {},
      isVisible: () => this.visible,
    };
    const saved = new Saved(browser, memoryArea());
    this.chat = new Chat({ environment, saved, me: { id: name, name }, named: true, room });
    this.chat.start();
  }

  room(room: string): RoomState {
    return roomOf(this.chat.store.value, room);
  }

  /** Resolves when the state is as it is asked for; the test's own time limit is the bound. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (!condition()) return;
        stop();
        resolve();
      };
      const stop = this.chat.store.watch(check);
      check();
    });
  }

  texts(room: string): readonly unknown[] {
    return this.room(room).timeline.lines.map(({ message }) => (message.data as { text?: unknown }).text);
  }
}
