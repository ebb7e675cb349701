import { topicOf } from "./room.ts";

export interface TerminalSetting {
  /** Of the page: `http://127.0.0.1:8080`. */
  readonly origin: string;
  readonly room: string;
  /** Whether the server wanted a token. It is named, never shown: commands end up in histories and screenshots. */
  readonly token: boolean;
}

/** A command that posts into the room. */
export function publishCommand({ origin, room, token }: TerminalSetting): string {
  const body = JSON.stringify({ topic: topicOf(room), data: { text: "hello from curl", name: "curl" } });
  const lines = [
    `curl ${origin}/v1/publish`,
    `-H 'Content-Type: application/json'`,
    ...bearer(token),
    `-d ${quoted(body)}`,
  ];
  return lines.join(" \\\n  ");
}

/** A command that prints what is posted, as it comes. */
export function subscribeCommand({ origin, room, token }: TerminalSetting): string {
  // A slash may stand in a query as it is, and reads better so.
  const topic = topicOf(room).split("/").map(encodeURIComponent).join("/");
  return ["curl -N", ...bearer(token), quoted(`${origin}/v1/subscribe?topic=${topic}`)].join(" ");
}

function bearer(token: boolean): readonly string[] {
  return token ? [`-H "Authorization: Bearer $TIDEGATE_TOKEN"`] : [];
}

/** For a POSIX shell: within single quotes nothing but the quote itself means anything. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
