import { expect, test } from "bun:test";
import type { ClientState } from "@tidegate/client";
import { connectionText, connectionView } from "../../src/state/connection.ts";
import { publishCommand, subscribeCommand } from "../../src/state/terminal.ts";

const NOW = 10_000;
const words = (state: ClientState, lost: boolean): string => connectionText(connectionView(state, lost, NOW));
const connecting: ClientState = { kind: "connecting", endpoint: "ws://x", attempt: 1 };
const waiting = (retryAt: number): ClientState => ({
  kind: "waiting",
  retryAt,
  attempt: 1,
  reason: "connection_lost",
  message: "",
});
const closed = (reason: string): ClientState => ({ kind: "closed", reason, message: "m", code: undefined });

test("U50 every state has its words", () => {
  expect(words({ kind: "connected", endpoint: "", session: "", user: undefined }, true)).toBe("Connected");
  expect([words({ kind: "idle" }, false), words(connecting, false)]).toEqual(["Connecting…", "Connecting…"]);
  expect(words(connecting, true)).toBe("Offline: connecting…");
  expect(words(waiting(NOW + 2001), true)).toBe("Offline: trying again in 3 s");
  expect(words(waiting(NOW - 1), true)).toBe("Offline: connecting…");
  expect(words(closed("malformed"), true)).toBe("Disconnected");
});

test.each(["unauthenticated", "token_expired", "revoked", "token_failed"])("U50 %s asks for a token", (reason) => {
  expect(connectionView(closed(reason), true, NOW)).toEqual({ kind: "token", message: "m" });
});

/** What a shell makes of a command: the arguments that curl would get. */
function argumentsOf(command: string): readonly string[] {
  const script = `curl() { printf '%s\\0' "$@"; }\n${command}`;
  const { stdout, exitCode } = Bun.spawnSync(["sh", "-c", script], { env: { TIDEGATE_TOKEN: "from-the-environment" } });
  expect(exitCode).toBe(0);
  return stdout.toString().split("\0").slice(0, -1);
}

test.each(["room_1", "it's", "$(touch x)`y`", 'a"b\\c', "Küche&x=1?%"])(
  "U51 the room %j passes through a shell",
  (room) => {
    const setting = { origin: "http://127.0.0.1:8080", room, token: false };
    const publish = argumentsOf(publishCommand(setting));
    expect(publish.slice(0, 4)).toEqual([
      "http://127.0.0.1:8080/v1/publish",
      "-H",
      "Content-Type: application/json",
      "-d",
    ]);
    expect(JSON.parse(publish[4] ?? "")).toMatchObject({ topic: `chat/${room}` });
    const [flag, url = ""] = argumentsOf(subscribeCommand(setting));
    expect(flag).toBe("-N");
    expect(new URL(url).searchParams.get("topic")).toBe(`chat/${room}`);
  },
);

test("U51 a token is named, not shown", () => {
  const setting = { origin: "http://x", room: "r", token: true };
  expect(subscribeCommand(setting)).toContain('"Authorization: Bearer $TIDEGATE_TOKEN"');
  expect(argumentsOf(publishCommand(setting))).toContain("Authorization: Bearer from-the-environment");
});
