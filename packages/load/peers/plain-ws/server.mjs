// A plain room server, as a good engineer writes it in an hour: in memory, no storage. A message is encoded once and
// the same bytes are given to every member. It is what Tidegate is measured against.
//   → {"id":1,"join":"room_1"}                      ← {"id":1,"joined":"room_1"}
//   → {"id":2,"publish":"room_1","data":{…}}        ← {"id":2,"published":true}
//                                                   ← {"room":"room_1","from":7,"time":…,"data":{…}} to each member
import { WebSocketServer } from "ws";

const rooms = new Map();
let clients = 0;

const server = new WebSocketServer({
  host: process.env.HOST ?? "127.0.0.1",
  port: Number(process.env.PORT ?? 0),
  perMessageDeflate: false,
  backlog: 4096,
  maxPayload: 65_536,
});

server.on("listening", () => console.log(`listening ${server.address().port}`));

server.on("connection", (socket) => {
  const client = { socket, name: ++clients, joined: new Set() };
  socket.on("message", (bytes) => handle(client, bytes));
  socket.on("close", () => leaveAll(client));
  socket.on("error", () => socket.terminate());
});

function handle(client, bytes) {
  let command;
  try {
    command = JSON.parse(bytes);
  } catch {
    return client.socket.close(1007, "not JSON");
  }
  if (typeof command.join === "string") join(client, command);
  else if (typeof command.publish === "string") publish(client, command);
  else client.socket.send(JSON.stringify({ id: command.id, error: "unknown command" }));
}

function join(client, { id, join: room }) {
  let members = rooms.get(room);
  if (members === undefined) rooms.set(room, (members = new Set()));
  members.add(client.socket);
  client.joined.add(room);
  client.socket.send(JSON.stringify({ id, joined: room }));
}

function publish(client, { id, publish: room, data }) {
  const encoded = Buffer.from(JSON.stringify({ room, from: client.name, time: Date.now(), data }));
  for (const member of rooms.get(room) ?? []) member.send(encoded, { binary: false });
  client.socket.send(JSON.stringify({ id, published: true }));
}

function leaveAll(client) {
  for (const room of client.joined) {
    const members = rooms.get(room);
    members.delete(client.socket);
    if (members.size === 0) rooms.delete(room);
  }
}

process.on("SIGTERM", () => process.exit(0));
