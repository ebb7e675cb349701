import { expect, test } from "bun:test";
import { publish, startNode } from "./harness.ts";
import { until } from "../support/until.ts";

/** Node's own EventSource, which knows nothing of this server: it prints what it gets. */
const CLIENT = `
// Its wait for the next connection does not keep the process.
setInterval(() => {}, 1000);
const source = new EventSource(process.argv[1]);
const print = (event) => console.log(event.type + " " + event.data + " " + event.lastEventId);
source.onmessage = print;
for (const name of ["subscribed", "gap", "close"]) source.addEventListener(name, print);
`;

const supported = Bun.spawnSync(["node", "--experimental-eventsource", "-e", "EventSource"]).exitCode === 0;

test.skipIf(!supported)("H33 H38 an EventSource comes back by itself and misses nothing", async () => {
  const node = await startNode({ parts: { random: () => 0 } });
  const { sessions } = node.gateway.services;
  const url = `${node.url}/v1/subscribe?topic=chat/a`;
  const child = Bun.spawn(["node", "--experimental-eventsource", "-e", CLIENT, url], {
    stdout: "pipe",
    stderr: "ignore",
  });
  let output = "";
  const reading = (async () => {
    for await (const chunk of child.stdout) output += new TextDecoder().decode(chunk);
  })();
  const lines = (): string[] => output.trimEnd().split("\n");
  const printed = (count: number): Promise<void> => until(() => lines().length >= count && output.endsWith("\n"));
  await until(() => sessions.size === 1 && output.includes("subscribed"));
  const { epoch } = await publish(node, { topic: "chat/a", data: 1 });
  await printed(2);
  for (const session of [...sessions]) session.close("draining", "connect again");
  await until(() => sessions.size === 0);
  await publish(node, { topic: "chat/a", data: 2 });
  await until(() => sessions.size === 1);
  await publish(node, { topic: "chat/a", data: 3 });
  await printed(6);
  child.kill();
  await reading;
  expect(lines().map((line) => line.split(" ")[0])).toEqual([
    ...["subscribed", "message", "close"],
    ...["subscribed", "message", "message"],
  ]);
  expect(
    lines()
      .filter((line) => line.startsWith("message"))
      .map((line) => line.split(" ").at(-1)),
  ).toEqual([`${epoch}:1`, `${epoch}:2`, `${epoch}:3`]);
});
