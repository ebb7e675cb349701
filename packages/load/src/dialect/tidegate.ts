import type { Dialect } from "./dialect.ts";

/** Subprotocol `tidegate.v1.json`. */
export const tidegateDialect: Dialect = {
  name: "tidegate",
  path: "/ws",
  subprotocol: "tidegate.v1.json",
  connect: (id, token) => JSON.stringify({ id, connect: token === undefined ? {} : { token } }),
  subscribe: (id, topic) => JSON.stringify({ id, subscribe: { topic } }),
  publish: (id, topic, data) => `{"id":${id},"publish":{"topic":${JSON.stringify(topic)},"data":${data}}}`,
  published: ',"publish":{',
};
