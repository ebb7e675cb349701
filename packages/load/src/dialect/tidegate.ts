import { jsonLines, type JsonLines } from "./json-lines.ts";

/** Subprotocol `tidegate.v1.json`. */
export const TIDEGATE_LINES: JsonLines = {
  name: "tidegate",
  path: "/ws",
  subprotocol: "tidegate.v1.json",
  connect: (id, token) => JSON.stringify({ id, connect: token === undefined ? {} : { token } }),
  subscribe: (id, topic) => JSON.stringify({ id, subscribe: { topic } }),
  publish: (id, topic, data) => `{"id":${id},"publish":{"topic":${JSON.stringify(topic)},"data":${data}}}`,
  published: ',"publish":{',
};

export const tidegateDialect = jsonLines(TIDEGATE_LINES);
