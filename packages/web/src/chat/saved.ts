import { cleanName, type Person } from "../state/person.ts";
import { FIRST_ROOMS, MAX_ROOMS, readRoomName } from "../state/room.ts";
import type { ReadMark } from "../state/unread.ts";

export type Theme = "auto" | "light" | "dark";
type Area = Pick<Storage, "getItem" | "setItem" | "removeItem">;
type Raw = Readonly<Record<string, unknown>>;

/**
 * What the page keeps: for the browser (name, rooms, what was read, colours) and for this tab (drafts, token). Storage can
 * be full, forbidden, or written by another version: what cannot be read is as if it were not there.
 */
export class Saved {
  readonly #browser: Area;
  readonly #tab: Area;

  constructor(browser: Area, tab: Area) {
    this.#browser = browser;
    this.#tab = tab;
  }

  /** A tab can have a person of its own, who goes before the browser's. */
  get person(): Person | undefined {
    return personOf(this.#read(this.#tab, "person")) ?? personOf(this.#read(this.#browser, "person"));
  }

  set person(person: Person) {
    this.#write(this.hasTabPerson ? this.#tab : this.#browser, "person", person);
  }

  get hasTabPerson(): boolean {
    return personOf(this.#read(this.#tab, "person")) !== undefined;
  }

  set tabPerson(person: Person) {
    this.#write(this.#tab, "person", person);
  }

  get rooms(): readonly string[] {
    const value = this.#read(this.#browser, "rooms");
    if (!Array.isArray(value)) return FIRST_ROOMS;
    const names = value.filter((name): name is string => typeof name === "string");
    const rooms = names.filter((name) => "room" in readRoomName(name)).slice(0, MAX_ROOMS);
    return rooms.length === 0 ? FIRST_ROOMS : [...new Set(rooms)];
  }

  set rooms(rooms: readonly string[]) {
    this.#write(this.#browser, "rooms", rooms);
  }

  mark(room: string): ReadMark | undefined {
    const value = this.#read(this.#browser, `read.${room}`) as Raw | undefined;
    const { epoch, offset } = value ?? {};
    return typeof epoch === "string" && typeof offset === "number" ? { epoch, offset } : undefined;
  }

  saveMark(room: string, mark: ReadMark | undefined): void {
    this.#write(this.#browser, `read.${room}`, mark);
  }

  draft(room: string): string {
    const value = this.#read(this.#tab, `draft.${room}`);
    return typeof value === "string" ? value : "";
  }

  saveDraft(room: string, draft: string): void {
    this.#write(this.#tab, `draft.${room}`, draft === "" ? undefined : draft);
  }

  /** For this tab only: a token in the browser's lasting storage would outlive the person at it. */
  get token(): string | undefined {
    const value = this.#read(this.#tab, "token");
    return typeof value === "string" && value !== "" ? value : undefined;
  }

  set token(token: string | undefined) {
    this.#write(this.#tab, "token", token);
  }

  get theme(): Theme {
    const value = this.#read(this.#browser, "theme");
    return value === "light" || value === "dark" ? value : "auto";
  }

  set theme(theme: Theme) {
    this.#write(this.#browser, "theme", theme);
  }

  #read(area: Area, name: string): unknown {
    try {
      return JSON.parse(area.getItem(`tidegate.${name}`) ?? "null") ?? undefined;
    } catch {
      return undefined;
    }
  }

  #write(area: Area, name: string, value: unknown): void {
    try {
      if (value === undefined) area.removeItem(`tidegate.${name}`);
      else area.setItem(`tidegate.${name}`, JSON.stringify(value));
    } catch {
      // Full or forbidden: the page goes on without.
    }
  }
}

function personOf(value: unknown): Person | undefined {
  const { id, name } = (value ?? {}) as Raw;
  const clean = typeof name === "string" ? cleanName(name) : undefined;
  return typeof id === "string" && id !== "" && id.length <= 64 && clean !== undefined
    ? { id, name: clean }
    : undefined;
}

/** For a browser that gives the page no storage at all. */
export function memoryArea(): Area {
  const items = new Map<string, string>();
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  };
}
