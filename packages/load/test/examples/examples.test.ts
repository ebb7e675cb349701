import { afterEach, expect, test } from "bun:test";
import { startCentrifugo } from "../../src/peers/centrifugo.ts";
import type { ServerProcess } from "../../src/servers/server-process.ts";
import { expectHeard, runExample } from "./run-example.ts";
import { CENTRIFUGO, MOSQUITTO, startAedes, startMosquitto, startSocketIo, startTidegateServer } from "./servers.ts";

const LIMIT = 60_000;
const SHORT = ["300ms", "1s", "200ms"];

const servers: ServerProcess[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function portOf(starting: Promise<ServerProcess>): Promise<number> {
  const server = await starting;
  servers.push(server);
  return server.port;
}

test(
  "LG39 the example for Socket.IO works as written",
  async () => {
    const port = await portOf(startSocketIo());
    const urls = `ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`;
    expectHeard(await runExample("socketio.yaml", { urls, phases: SHORT }), ["members"]);
  },
  LIMIT,
);

test(
  "LG39 the example for MQTT works as written on aedes",
  async () => {
    const port = await portOf(startAedes());
    const changes = { urls: `mqtt://127.0.0.1:${port}`, phases: SHORT };
    expectHeard(await runExample("mqtt.yaml", changes), ["dashboard", "displays"]);
  },
  LIMIT,
);

test.skipIf(MOSQUITTO === null)(
  "LG39 the example for MQTT works as written on Mosquitto, where it is installed",
  async () => {
    const port = await portOf(startMosquitto(MOSQUITTO ?? ""));
    const changes = { urls: `mqtt://127.0.0.1:${port}`, phases: SHORT };
    expectHeard(await runExample("mqtt.yaml", changes), ["dashboard", "displays"]);
  },
  LIMIT,
);

test(
  "LG39 the example for Tidegate works as written, with its storm",
  async () => {
    const port = await portOf(startTidegateServer());
    const changes = {
      urls: `ws://127.0.0.1:${port}/ws`,
      phases: ["500ms", "1s", "1s", "200ms"],
      sets: [`target.metrics=http://127.0.0.1:${port}/metrics`, "phases[2].back=500ms"],
    };
    const result = await runExample("tidegate.yaml", changes);
    expectHeard(result, ["members"]);
    // A quarter of 400 came a second time.
    expect(result.totals.opened).toBe(500);
    expect(result.series.some(({ server }) => server !== undefined && server.rss > 0)).toBe(true);
  },
  LIMIT,
);

test(
  "LG39 the example for HTTP and Server-Sent Events works as written",
  async () => {
    const port = await portOf(startTidegateServer());
    const changes = { urls: `http://127.0.0.1:${port}`, phases: SHORT };
    expectHeard(await runExample("http-sse.yaml", changes), ["browsers"]);
  },
  LIMIT,
);

test(
  "LG39 the large example works as written, but with fewer connections and messages",
  async () => {
    const port = await portOf(startTidegateServer());
    const changes = {
      urls: `ws://127.0.0.1:${port}/ws`,
      phases: ["500ms", "1s", "200ms"],
      sets: [
        `target.metrics=http://127.0.0.1:${port}/metrics`,
        ...["populations[0].count=100", "populations[0].subscribe.rooms=10", "populations[0].publish.rooms=10"],
        ...["populations[0].publish.rate=100/s", "populations[1].count=300"],
      ],
    };
    const result = await runExample("big.yaml", changes);
    expectHeard(result, ["rooms"]);
    expect(result.meta.agents).toBe(2);
    expect(result.totals.peakConnections).toBe(400);
  },
  LIMIT,
);

const centrifugo = CENTRIFUGO;
if (centrifugo !== null)
  test(
    "LG39 the example for Centrifugo works as written, where there is one",
    async () => {
      const port = await portOf(startCentrifugo(centrifugo));
      const changes = { urls: `ws://127.0.0.1:${port}/connection/websocket`, phases: SHORT };
      expectHeard(await runExample("centrifugo.yaml", changes), ["members"]);
    },
    LIMIT,
  );
