import { userInfoOf } from "./server-url.ts";

type Values = ReadonlyMap<string, unknown>;

const CREDENTIALS = ["log.token", "log.nkeyFile", "log.credsFile"];
const OF_NATS = [...CREDENTIALS, "log.caFile"];

/** What is wrong with the options of the log on NATS, together. */
export function natsFaults(values: Values): (string | undefined)[] {
  const urls = values.get("log.url") as readonly string[] | undefined;
  return urls === undefined ? alone(values) : together(values, urls);
}

function alone(values: Values): string[] {
  const given = OF_NATS.filter((name) => values.get(name) !== undefined);
  return given.map((name) => `${name}: is for the log on NATS: set log.url too`);
}

function together(values: Values, urls: readonly string[]): (string | undefined)[] {
  const users = new Set(urls.map((url) => JSON.stringify(userInfoOf(url))));
  const given = CREDENTIALS.filter((name) => values.get(name) !== undefined);
  if (users.size > 1 || !users.has(JSON.stringify(undefined))) given.unshift("user info in log.url");
  return [
    urls.length === 0 ? "log.url: must name at least one server" : undefined,
    users.size > 1 ? "log.url: the user info must be the same in all URLs" : undefined,
    given.length > 1 ? `${given.join(" and ")}: give NATS only one kind of credentials` : undefined,
    values.get("log.storage") === "memory"
      ? "log.storage and log.url: the log is either in memory or on NATS; for a log of NATS in memory set the durability of its namespaces"
      : undefined,
  ];
}
