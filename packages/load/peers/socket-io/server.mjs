// A room server on Socket.IO as its guide has it: rooms, an acknowledgement for the publisher, an event for every
// member. In memory. Clients come by WebSocket only, so no session has to be found again by later requests.
//   → 42<id>["join","room_1"]               ← 43<id>[]
//   → 42<id>["publish","room_1",{…}]        ← 43<id>[]
//                                           ← 42["message",{"room":"room_1","from":"…","time":…,"data":{…}}] to each member
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http, { transports: ["websocket"], serveClient: false, maxHttpBufferSize: 65_536 });

io.on("connection", (socket) => {
  socket.on("join", (room, done) => {
    void socket.join(room);
    done();
  });
  socket.on("publish", (room, data, done) => {
    io.to(room).emit("message", { room, from: socket.id, time: Date.now(), data });
    done();
  });
});

http.listen({ host: process.env.HOST ?? "127.0.0.1", port: Number(process.env.PORT ?? 0), backlog: 4096 }, () =>
  console.log(`listening ${http.address().port}`),
);

process.on("SIGTERM", () => process.exit(0));
