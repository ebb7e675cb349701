import { jsonLines } from "./json-lines.ts";

/** The bidirectional JSON protocol of Centrifugo 4 and later. */
export const centrifugoDialect = jsonLines({
  name: "centrifugo",
  path: "/connection/websocket",
  subprotocol: undefined,
  connect: (id) => JSON.stringify({ id, connect: {} }),
  subscribe: (id, topic) => JSON.stringify({ id, subscribe: { channel: topic } }),
  publish: (id, topic, data) => `{"id":${id},"publish":{"channel":${JSON.stringify(topic)},"data":${data}}}`,
  published: ',"publish":{',
  heartbeat: ["{}", "{}"],
});
