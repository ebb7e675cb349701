// An MQTT broker on aedes with its defaults: in memory.
import { createServer } from "node:net";
import { Aedes } from "aedes";

const broker = await Aedes.createBroker();
const server = createServer({ noDelay: true }, broker.handle);

server.listen({ host: process.env.HOST ?? "127.0.0.1", port: Number(process.env.PORT ?? 0), backlog: 4096 }, () =>
  console.log(`listening ${server.address().port}`),
);

process.on("SIGTERM", () => process.exit(0));
