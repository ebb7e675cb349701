// An MQTT broker on aedes, in memory. With its default of 100 messages under way at once most of them would wait in a queue
// as soon as a thousand clients publish.
import { createServer } from "node:net";
import { Aedes } from "aedes";

const broker = await Aedes.createBroker({ concurrency: 20_000 });
const server = createServer({ noDelay: true }, broker.handle);

server.listen({ host: process.env.HOST ?? "127.0.0.1", port: Number(process.env.PORT ?? 0), backlog: 4096 }, () =>
  console.log(`listening ${server.address().port}`),
);

process.on("SIGTERM", () => process.exit(0));
