import { settle } from "./clock.ts";
import type { FakeSocket } from "./socket.ts";
import { record, World } from "./world.ts";

/** A subscription that is live from offset 10 on. */
export async function live(topic = "t", options: object = {}) {
  const world = new World();
  const { client, socket } = await world.connected();
  const subscription = client.subscribe(topic, options);
  const seen = record(subscription);
  await settle();
  await socket.reply("subscribe", { epoch: "e", offset: 10 });
  return { world, client, socket, subscription, seen };
}

/** Answers the open history question of topic epoch "e". */
export const history = (socket: FakeSocket, messages: object[], more: object = {}): Promise<void> =>
  socket.reply("history", { epoch: "e", messages, more: false, complete: true, ...more });
