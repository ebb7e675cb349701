import { protocolError, type ProtocolError, type PublishCommand } from "@tidegate/protocol";
import { mayPublish, type Identity } from "../auth/index.ts";
import type { Clock } from "../clock.ts";
import type { NamespaceSettings } from "../options/index.ts";
import { takeToken, type Bucket } from "./token-bucket.ts";

/** Why a message is refused that comes too soon. */
export function tooFast(rate: number): ProtocolError {
  return protocolError("rate_limited", `more than ${rate} messages a second from this connection`);
}

function mayGoOn({ limits, clock }: AdmitServices, publisher: Bucket): boolean {
  return limits.publishRate === 0 || takeToken(publisher, limits.publishRate, limits.publishBurst, clock.now());
}

export interface AdmitServices {
  readonly clock: Clock;
  readonly namespaces: (name: string) => NamespaceSettings | undefined;
  readonly limits: { readonly publishRate: number; readonly publishBurst: number };
}

/**
 * Whether a publish may go on to the log: the refusal, or undefined. Cheapest checks first.
 *
 * @param namespace - of the topic
 * @param isPaced - its transport keeps the publisher to the rate, by reading slower
 */
export function admit(
  services: AdmitServices,
  publisher: Bucket & { readonly identity: Identity },
  command: PublishCommand,
  namespace: string,
  isPaced = false,
): ProtocolError | undefined {
  if (!isPaced && !mayGoOn(services, publisher)) return tooFast(services.limits.publishRate);
  const settings = services.namespaces(namespace);
  if (settings === undefined || !mayPublish(publisher.identity, command.topic))
    return protocolError("forbidden", `publish.topic: no permission to publish to ${command.topic}`);
  if (command.payload.size > settings.maxPayload)
    return protocolError(
      "too_large",
      `publish: the payload has ${command.payload.size} bytes; at most ${settings.maxPayload} are allowed in this namespace`,
    );
  if (command.retain && !settings.retained)
    return protocolError("not_enabled", "publish.retain: the namespace keeps no retained values");
  return undefined;
}
