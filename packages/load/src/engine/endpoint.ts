import type { Protocol } from "../scenario-file/table.ts";

/** Where and how a client connects. */
export interface Endpoint {
  readonly hostname: string;
  readonly port: number;
  readonly secure: boolean;
  /** Value of the Host header. */
  readonly host: string;
  /** Path and query; "/" if the URL has none. */
  readonly path: string;
}

const PORTS: Readonly<Record<string, number>> = {
  "ws:": 80,
  "http:": 80,
  "wss:": 443,
  "https:": 443,
  "mqtt:": 1883,
  "mqtts:": 8883,
};

const SECURE = new Set(["wss:", "https:", "mqtts:"]);

/** `url` was checked with the scenario. */
export function endpointOf(url: string, protocol: Protocol): Endpoint {
  const { hostname, port, protocol: scheme, pathname, search, host } = new URL(url);
  const bare = pathname === "/" && search === "";
  return {
    hostname: hostname.replace(/^\[|\]$/g, ""),
    port: port === "" ? (PORTS[scheme] ?? 80) : Number(port),
    secure: SECURE.has(scheme),
    host,
    path: bare && protocol === "tidegate" ? "/ws" : `${pathname}${search}`,
  };
}

/** Connections that share a source address: a pair of addresses has 28,000 ports for them on Linux. */
const SHARE = 20_000;

/**
 * The source address of a client, which is counted over all populations: one of the scenario's, on loopback one of
 * 127.0.0.1, 127.0.0.2 and so on, else what the system takes.
 */
export function sourceOf(endpoint: Endpoint, client: number, sources: readonly string[]): string | undefined {
  if (sources.length > 0) return sources[client % sources.length];
  if (!endpoint.hostname.startsWith("127.")) return undefined;
  return `127.0.${Math.floor(client / SHARE / 254) % 256}.${1 + (Math.floor(client / SHARE) % 254)}`;
}
