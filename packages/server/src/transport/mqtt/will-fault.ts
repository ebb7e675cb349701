import { namespaceOf, topicFault } from "@tidegate/protocol";
import type { Will } from "@tidegate/protocol/mqtt";
import { type Identity, mayPublish } from "../../auth/index.ts";
import type { Services } from "../../session/services.ts";
import { tooMany } from "./headers.ts";
import { REASON } from "./reasons.ts";

/** Why a will could not be published: its client hears it at CONNECT, as there is nobody to be told later. */
export function willFault(
  { namespaces }: Services,
  identity: Identity,
  { topic, payload, retain, properties }: Will,
): [code: number, text: string] | undefined {
  const fault = topicFault(topic);
  if (fault !== undefined) return [REASON.topicInvalid, `the will's topic: ${fault}`];
  if (properties !== undefined && tooMany(properties))
    return [REASON.quota, "the will's properties have more than 65,536 characters"];
  const settings = namespaces(namespaceOf(topic));
  // Whether a namespace exists is not told to those who cannot use it.
  if (settings === undefined || !mayPublish(identity, topic))
    return [REASON.notAuthorized, `no permission to publish the will to ${topic}`];
  const { maxPayload, retained } = settings;
  if (payload.length > maxPayload)
    return [
      REASON.tooLarge,
      `the will has ${payload.length} bytes; at most ${maxPayload} are allowed in its namespace`,
    ];
  return retain && !retained ? [REASON.retain, "the will's namespace keeps no retained values"] : undefined;
}
