/** A room server that speaks the plain protocol and delivers the n-th message `times(n)` times. */
export function startLiar(times: (number: number) => number): { readonly port: number; stop(): Promise<void> } {
  let count = 0;
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request, self) => (self.upgrade(request) ? undefined : new Response("", { status: 426 })),
    websocket: {
      message(socket, text) {
        const { id, join, publish, data } = JSON.parse(String(text)) as Record<string, unknown>;
        if (typeof join === "string") {
          socket.subscribe(join);
          socket.send(JSON.stringify({ id, joined: join }));
          return;
        }
        count += 1;
        const room = String(publish);
        for (let i = times(count); i > 0; i--) server.publish(room, JSON.stringify({ room, data }));
        socket.send(JSON.stringify({ id, published: true }));
      },
    },
  });
  return { port: server.port ?? 0, stop: () => server.stop(true) };
}
