import type { Notice } from "./timeline.ts";

/** "Ada and Bob joined · Cem left". Who came and went within one line is in neither part. */
export function noticeText(notices: readonly Notice[]): string {
  const last = new Map<string, { first: Notice["kind"]; last: Notice["kind"] }>();
  for (const { kind, names } of notices)
    for (const name of names) last.set(name, { first: last.get(name)?.first ?? kind, last: kind });
  const stay = [...last].filter(([, kinds]) => kinds.first === kinds.last);
  const parts = (["join", "leave"] as const).map((kind) =>
    part(
      kind,
      stay.filter(([, kinds]) => kinds.last === kind),
    ),
  );
  return parts.filter((text) => text !== "").join(" · ");
}

function part(kind: Notice["kind"], entries: readonly (readonly [string, unknown])[]): string {
  const names = entries.map(([name]) => name);
  return names.length === 0 ? "" : `${nameList(names)} ${kind === "join" ? "joined" : "left"}`;
}

/** "Ada", "Ada and Bob", "Ada, Bob and Cem", "Ada, Bob and 5 others". */
export function nameList(names: readonly string[]): string {
  const [first = "", second = "", third = ""] = names;
  if (names.length <= 1) return first;
  if (names.length === 2) return `${first} and ${second}`;
  return names.length === 3 ? `${first}, ${second} and ${third}` : `${first}, ${second} and ${names.length - 2} others`;
}
