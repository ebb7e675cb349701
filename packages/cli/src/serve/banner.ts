import { resolve } from "node:path";
import { isProtected, type Options, type RunningServer } from "@tidegate/server";
import { VERSION } from "../version.ts";

/** What whoever started the server by hand wants to know at once. */
export function banner(options: Options, { url, mqtt }: Pick<RunningServer, "url" | "mqtt">): string {
  const base = url.replace(/\/$/, "");
  const rows = [
    ["Page", `${base}/`],
    ["WebSocket", `${base.replace(/^http/, "ws")}/ws`],
    ["HTTP", `${base}/v1/`],
    ...mqttRows(options, mqtt),
    ["Data", dataOf(options)],
    ["Clients", clientsOf(options)],
  ];
  const lines = rows.map(([name = "", value = ""]) => `  ${name.padEnd(9)}  ${value}\n`).join("");
  return `\nTidegate ${VERSION}\n\n${lines}\n${tryIt(base, options)}\nCtrl-C stops it, a second one at once.\n\n`;
}

function mqttRows({ mqtt: { host, enabled } }: Options, { plain, secure }: RunningServer["mqtt"]): string[][] {
  if (!enabled) return [];
  const addresses = [
    ...(plain === undefined ? [] : [`mqtt://${host}:${plain}`]),
    ...(secure === undefined ? [] : [`mqtts://${host}:${secure}`]),
  ];
  return [["MQTT", addresses.length === 0 ? "only over WebSocket: its port is taken" : addresses.join(", ")]];
}

function dataOf({ log, data }: Options): string {
  return log.storage === "memory" ? "in memory only: lost when the server ends" : resolve(data.dir);
}

function clientsOf({ auth }: Options): string {
  if (auth.required) return `need a token (make one with: tidegate token --user me)${orPassword(auth)}`;
  return isProtected(auth)
    ? `with a token${orPassword(auth)}, or without one for what auth.anonymous allows`
    : "everyone on this machine, without a token";
}

function orPassword({ users }: Options["auth"]): string {
  return users.length === 0 ? "" : ", or a password of auth.users";
}

function tryIt(base: string, { auth }: Options): string {
  const bearer = auth.required ? ` -H "Authorization: Bearer $TIDEGATE_TOKEN"` : "";
  const flag = base === "http://127.0.0.1:8080" ? "" : ` --url ${base}`;
  return (
    `Try it, in two other terminals:\n` +
    `  curl -N${bearer} '${base}/v1/subscribe?topic=chat/room_1'\n` +
    `  curl${bearer} -H 'Content-Type: application/json' ${base}/v1/publish -d '{"topic":"chat/room_1","data":{"text":"hello"}}'\n` +
    `Or: tidegate subscribe 'chat/#'${flag}, and: tidegate publish chat/room_1 hello${flag}\n`
  );
}
