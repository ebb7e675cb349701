import { Connection } from "../websocket/connection.ts";
import { textFrame } from "../websocket/frame.ts";
import { readDigits } from "../wire/digits.ts";
import { FIRST_ID, ID_WIDTH } from "../wire/lines.ts";
import { MARK_START } from "../wire/mark.ts";
import type { Dialect } from "./dialect.ts";
import { textPublish } from "./json-lines.ts";

/** Packets of Engine.IO 4: open and ping come from the server; 4 carries a packet of Socket.IO. */
const ENGINE = { open: 0x30, ping: 0x32, message: 0x34 } as const;
const PONG = textFrame("3");
/** Packets of Socket.IO 5. */
const PACKET = { connect: 0x30, event: 0x32, ack: 0x33 } as const;

/** Socket.IO over WebSocket, with the events of peers/socket-io/server.mjs. */
export const socketIoDialect: Dialect = {
  name: "socket.io",
  waitsForConnect: true,
  open: ({ host, port }, handler) =>
    Connection.open({ host, port, path: "/socket.io/?EIO=4&transport=websocket", subprotocol: undefined }, handler),
  connect: () => textFrame("40"),
  subscribe: (id, topic) => textFrame(`42${id}["join",${JSON.stringify(topic)}]`),
  publish: (topic, data) => textPublish(`42${FIRST_ID}["publish",${JSON.stringify(topic)},${data}]`),
  read(bytes, start, end, sink) {
    const [engine, packet] = [bytes[start], bytes[start + 1]];
    if (engine === ENGINE.open) return;
    if (engine === ENGINE.ping) return sink.answer(PONG);
    if (engine !== ENGINE.message) return sink.other(textOf(bytes, start, end));
    if (packet === PACKET.event) {
      const mark = bytes.indexOf(MARK_START, start);
      if (mark >= 0 && mark < end) return sink.marked(bytes, mark);
    }
    if (packet === PACKET.connect) return sink.ready();
    const id = packet === PACKET.ack ? readDigits(bytes, start + 2, Math.min(ID_WIDTH, end - start - 2)) : Number.NaN;
    if (id >= FIRST_ID) return sink.accepted(id);
    sink.other(textOf(bytes, start, end));
  },
  other(text, sink) {
    if (/^43\d+\[\]$/.test(text)) sink.ready();
    else sink.wrong(text);
  },
  numberOf: (id) => id - FIRST_ID,
};

function textOf(bytes: Uint8Array, start: number, end: number): string {
  return new TextDecoder().decode(bytes.subarray(start, end));
}
