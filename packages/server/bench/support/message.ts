import { type Message, Payload } from "@tidegate/protocol";

/** A chat message; `json` is its payload. */
export function chatMessage(room: number, json: string, id?: string): Message {
  return {
    topic: `chat/room_${room}`,
    payload: Payload.json(json),
    id,
    from: "somebody",
    time: Date.now(),
    priority: 1,
    headers: undefined,
    retain: false,
    origin: "websocket",
  };
}
