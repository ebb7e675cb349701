import { jsonLines, type JsonLines } from "./json-lines.ts";

/** What peers/plain-ws/server.mjs and the room servers in other languages speak. */
export const PLAIN_LINES: JsonLines = {
  name: "plain",
  path: "/",
  subprotocol: undefined,
  connect: () => undefined,
  subscribe: (id, topic) => JSON.stringify({ id, join: topic }),
  publish: (id, topic, data) => `{"id":${id},"publish":${JSON.stringify(topic)},"data":${data}}`,
  published: ',"published":true',
};

export const plainDialect = jsonLines(PLAIN_LINES);
