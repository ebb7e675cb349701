/** Rooms that everybody begins with. The first is the one of the README's commands. */
export const FIRST_ROOMS: readonly string[] = ["room_1", "general", "random"];
export const MAX_ROOMS = 50;
const MAX_ROOM = 64;

export type RoomName = { readonly room: string } | { readonly fault: string };

/** What somebody typed, as the name of a room. A room is one level of a topic, so `/`, `+` and `#` cannot be in it. */
export function readRoomName(input: string): RoomName {
  const room = input.trim().replace(/^#+/, "").trim().replace(/\s+/g, "-");
  if (room === "") return { fault: "Type a name." };
  const bad = /[/+#\p{Cc}]/u.exec(room)?.[0];
  if (bad !== undefined) return { fault: `A name cannot have ${/\p{Cc}/u.test(bad) ? "control characters" : bad}.` };
  if ([...room].length > MAX_ROOM) return { fault: `A name has at most ${MAX_ROOM} characters.` };
  return { room };
}

export function topicOf(room: string): string {
  return `chat/${room}`;
}

export function hashOf(room: string): string {
  return `#/${encodeURIComponent(room)}`;
}

/** The room that an address names; undefined if it names none. */
export function roomOfHash(hash: string): string | undefined {
  if (!hash.startsWith("#/")) return undefined;
  try {
    const read = readRoomName(decodeURIComponent(hash.slice(2)));
    return "room" in read ? read.room : undefined;
  } catch {
    return undefined;
  }
}

export type Joined = { readonly rooms: readonly string[] } | { readonly fault: string };

export function join(rooms: readonly string[], room: string): Joined {
  if (rooms.includes(room)) return { rooms };
  if (rooms.length >= MAX_ROOMS) return { fault: `You are in ${MAX_ROOMS} rooms; leave one first.` };
  return { rooms: [...rooms, room] };
}

/** The rooms without one, and where to go: its neighbour. The last room cannot be left. */
export function leave(
  rooms: readonly string[],
  room: string,
): { readonly rooms: readonly string[]; readonly next: string } {
  const at = rooms.indexOf(room);
  const left = rooms.filter((each) => each !== room);
  const next = left[Math.min(Math.max(at, 0), left.length - 1)];
  return next === undefined ? { rooms, next: room } : { rooms: left, next };
}
