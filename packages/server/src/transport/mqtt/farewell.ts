import { type MqttPacket, type MqttVersion, returnCodeOf } from "@tidegate/protocol/mqtt";
import { REASON } from "./reasons.ts";

/** Characters of a reason string: it may quote what the client sent, which can be as long as a packet. */
const MAX_REASON = 300;

/** The CONNACK that refuses; undefined if 3.1.1 has no code for it. [MQTT-3.1.4-2, MQTT-3.2.2-6 of 3.1.1] */
export function refusal(
  version: MqttVersion,
  code: number,
  text: string,
  serverReference: string | undefined,
): MqttPacket | undefined {
  const answer = version === 5 ? code : returnCodeOf(code);
  const properties = { ...reasonString(text), serverReference };
  return answer === undefined ? undefined : { type: "connack", sessionPresent: false, code: answer, properties };
}

/** The DISCONNECT that says why; one of a server that stops names the one to go to, where there is one. */
export function farewell(code: number, text: string, reference: string | undefined): MqttPacket {
  const goes = code === REASON.shuttingDown && reference !== undefined;
  const properties = { ...reasonString(text), serverReference: goes ? reference : undefined };
  return { type: "disconnect", code: goes ? REASON.useAnother : code, properties };
}

export function reasonString(text: string): { readonly reasonString: string | undefined } {
  if (text.length <= MAX_REASON) return { reasonString: text === "" ? undefined : text };
  return { reasonString: `${text.slice(0, MAX_REASON).toWellFormed()}…` };
}
