import type { Nested, OptionSpec, OptionTable } from "./spec.ts";
import { AUTH_OPTIONS } from "./table-auth.ts";
import { CLUSTER_OPTIONS } from "./table-cluster.ts";
import { CONNECTION_OPTIONS } from "./table-connections.ts";
import { HTTP_OPTIONS } from "./table-http.ts";
import { LOG_OPTIONS } from "./table-log.ts";
import { MQTT_OPTIONS } from "./table-mqtt.ts";
import { NAMESPACE_OPTIONS } from "./table-namespace.ts";
import { NATS_OPTIONS } from "./table-nats.ts";
import { SERVER_OPTIONS } from "./table-server.ts";

export const DEFAULTS_GROUP = "namespaceDefaults";
export const NAMESPACES_GROUP = "namespaces";

/** In the order in which people read of them. */
const TABLES = {
  ...LOG_OPTIONS,
  ...HTTP_OPTIONS,
  ...CONNECTION_OPTIONS,
  ...SERVER_OPTIONS,
  ...NATS_OPTIONS,
  ...MQTT_OPTIONS,
  ...CLUSTER_OPTIONS,
  ...AUTH_OPTIONS,
};

/** Every option that has one value, by its name in tidegate.yaml. */
export const OPTIONS: ReadonlyMap<string, OptionSpec> = new Map<string, OptionSpec>([
  ...Object.entries<OptionSpec>(TABLES),
  ...prefixed(DEFAULTS_GROUP, NAMESPACE_OPTIONS),
]);

/** A group whose value may stand for one of its options: `log: nats://host` is `log: {url: nats://host}`. */
export const SHORTHANDS: ReadonlyMap<string, string> = new Map([["log", "log.url"]]);

/** What can stand below `namespaces.<name>`. */
export const NAMESPACE_TABLE: ReadonlyMap<string, OptionSpec> = new Map(Object.entries<OptionSpec>(NAMESPACE_OPTIONS));

/** What is in force for the topics of one namespace. Durations in milliseconds, sizes in bytes. */
export type NamespaceSettings = Nested<typeof NAMESPACE_OPTIONS>;

/** Everything that is in force. Durations in milliseconds, sizes in bytes. */
export type Options = Nested<typeof TABLES> & {
  readonly namespaceDefaults: NamespaceSettings;
  /** The listed namespaces, with the defaults filled in. */
  readonly namespaces: ReadonlyMap<string, NamespaceSettings>;
};

function prefixed(group: string, table: OptionTable): [string, OptionSpec][] {
  return Object.entries(table).map(([name, spec]) => [`${group}.${name}`, spec]);
}
