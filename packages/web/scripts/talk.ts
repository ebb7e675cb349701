import type { ChildGateway } from "../test/support/gateway.ts";

type Said = readonly [name: string, text: string];

const ROOM: readonly Said[] = [
  ["Bea", "Morning! The new sensors in hall 3 are live since six."],
  ["Bea", "All readings go to sensors/hall3/+ with the retained flag, so a fresh dashboard has values at once."],
  ["Ada", "Nice. I killed the gateway in the middle of the load test, twice. Nothing lost, nothing twice"],
  ["Chen", "With kill -9?"],
  ["Ada", "With kill -9. The page said “Offline”, came back, and showed the 212 messages I had missed."],
  ["Chen", "Then I can delete the retry code in the app. That was the ugliest file we had."],
  [
    "Dario",
    "How it works is in https://tidegate.example/docs/recovery — positions and a predecessor chain, it is a short read.",
  ],
  ["Bea", "Is anybody reading this from a terminal?"],
];

const GENERAL: readonly Said[] = [
  ["Chen", "Release at four, then cake."],
  ["Bea", "I bring the plates."],
  ["Dario", "And I the cake: cherry."],
];

/** People talk, one after another, over HTTP. */
export async function talk(gateway: ChildGateway): Promise<void> {
  for (const [name, text] of ROOM) await say(gateway, "room_1", name, text);
  await gateway.publish({ topic: "chat/room_1", data: { text: "curl says hello", name: "curl" } });
  await gateway.publish({ topic: "chat/room_1", data: { deploy: "gateway", version: "0.1.0", ok: true } });
  await say(gateway, "room_1", "Ada", "There it is.");
  for (const [name, text] of GENERAL) await say(gateway, "general", name, text);
}

async function say(gateway: ChildGateway, room: string, name: string, text: string): Promise<void> {
  await gateway.publish({ topic: `chat/${room}`, data: { text, name, sender: `id-${name}` } });
}
