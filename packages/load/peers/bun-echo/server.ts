// Bun's own WebSocket server with nothing around it: what Tidegate's transport starts from.
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: Number(process.env["PORT"] ?? 0),
  fetch: (request, self) => (self.upgrade(request) ? undefined : new Response("WebSocket only", { status: 426 })),
  websocket: {
    message: (socket, message) => void socket.send(message),
  },
});

console.log(`listening ${server.port}`);
process.on("SIGTERM", () => process.exit(0));
