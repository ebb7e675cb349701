// The smallest `ws` server on Node: what comes in goes back.
import { WebSocketServer } from "ws";

const server = new WebSocketServer({
  host: "127.0.0.1",
  port: Number(process.env.PORT ?? 0),
  perMessageDeflate: false,
  backlog: 4096,
});

server.on("listening", () => console.log(`listening ${server.address().port}`));
server.on("connection", (socket) => {
  socket.on("message", (bytes) => socket.send(bytes, { binary: false }));
  socket.on("error", () => socket.terminate());
});

process.on("SIGTERM", () => process.exit(0));
