import type { Dialect } from "./dialect.ts";

/** What peers/plain-ws/server.mjs speaks. */
export const plainDialect: Dialect = {
  name: "plain",
  path: "/",
  subprotocol: undefined,
  connect: () => undefined,
  subscribe: (id, topic) => JSON.stringify({ id, join: topic }),
  publish: (id, topic, data) => `{"id":${id},"publish":${JSON.stringify(topic)},"data":${data}}`,
  published: ',"published":true',
};
