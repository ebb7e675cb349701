import type { ClientState } from "@tidegate/client";
import type { People } from "../state/people.ts";
import { NOBODY } from "../state/people.ts";
import type { Person } from "../state/person.ts";
import { ownKey } from "../state/content.ts";
import { EMPTY_TIMELINE, type Timeline } from "../state/timeline.ts";
import { NO_TYPING, type Typing } from "../state/typing.ts";
import type { ReadMark } from "../state/unread.ts";

export interface RoomState {
  readonly timeline: Timeline;
  readonly people: People;
  readonly typing: Typing;
  readonly mark: ReadMark | undefined;
  /** Where the line "new" stands; undefined if there is none. */
  readonly newAfter: number | undefined;
}

/** Everything that the page shows. */
export interface ChatState {
  readonly client: ClientState;
  /** There was a connection, or an attempt failed. */
  readonly lost: boolean;
  readonly user: string | undefined;
  readonly hasToken: boolean;
  readonly me: Person;
  /** False until the person has said, or agreed to, a name. */
  readonly named: boolean;
  /** Joined ones, in their order. */
  readonly rooms: readonly string[];
  readonly room: string;
  readonly byRoom: ReadonlyMap<string, RoomState>;
}

export const EMPTY_ROOM: RoomState = {
  timeline: EMPTY_TIMELINE,
  people: NOBODY,
  typing: NO_TYPING,
  mark: undefined,
  newAfter: undefined,
};

export function roomOf(state: ChatState, room: string): RoomState {
  return state.byRoom.get(room) ?? EMPTY_ROOM;
}

export function meKey({ me, user }: ChatState): string {
  return ownKey(me.id, user);
}
