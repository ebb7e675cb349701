import type { Timeline } from "../state/timeline.ts";
import { type ChatState, roomOf, type RoomState } from "./state.ts";
import { Store } from "./store.ts";

/** The state of the chat, and ways to change one room of it. */
export class ChatStore extends Store<ChatState> {
  room(room: string): RoomState {
    return roomOf(this.value, room);
  }

  /** A room that was left stays away, whatever still comes for it. */
  updateRoom(room: string, change: (state: RoomState) => RoomState): void {
    this.update((state) => {
      if (!state.rooms.includes(room)) return state;
      const before = roomOf(state, room);
      const after = change(before);
      if (after === before) return state;
      return { ...state, byRoom: new Map([...state.byRoom, [room, after]]) };
    });
  }

  updateTimeline(room: string, change: (timeline: Timeline) => Timeline): void {
    this.updateRoom(room, (state) => ({ ...state, timeline: change(state.timeline) }));
  }
}
