import type { WebsocketSpec } from "../scenario-file/table.ts";

/** Subprotocol `tidegate.v1.json`, in the words in which a scenario describes other servers. */
export function tidegateFrames(withToken: boolean): WebsocketSpec {
  return {
    subprotocol: "tidegate.v1.json",
    split: "newline",
    connect: [
      {
        send: withToken ? '{"id":{id},"connect":{"token":"{token}"}}' : '{"id":{id},"connect":{}}',
        expect: '{"id":{id},"connect":*',
      },
    ],
    subscribe: { send: '{"id":{id},"subscribe":{"topic":"{topic}"}}', expect: '{"id":{id},"subscribe":*' },
    publish: {
      send: '{"id":{id},"publish":{"topic":"{topic}","data":{payload}}}',
      expect: '{"id":{id},"publish":*',
    },
    heartbeat: '{"ping":{}}',
    answers: [],
    delivery: '{"message":{"topic":"*","offset":{id},*',
    error: ['{"id":{id},"error":*', '{"error":*'],
  };
}
