import type { MqttVersion } from "./packet.ts";

const HASH = 35;
const PLUS = 43;
const SLASH = 47;
const SHARE = "$share/";

/** Why MQTT refuses a topic name; the gateway's own limits come on top. [MQTT-4.7.0-1, MQTT-4.7.3-1] */
export function topicNameFault(topic: string): string | undefined {
  if (topic.length === 0) return "it is empty";
  for (let i = 0; i < topic.length; i++) {
    const c = topic.charCodeAt(i);
    if (c === HASH || c === PLUS) return "a topic to publish to has no wildcards (+ or #)";
  }
  return undefined;
}

/** Why MQTT refuses a topic filter. 3.1.1 knows no shared subscriptions: there `$share/…` is a filter like any other. */
export function topicFilterFault(filter: string, version: MqttVersion): string | undefined {
  if (filter.length === 0) return "it is empty";
  if (version === 5 && filter.startsWith(SHARE) && parseShared(filter) === undefined) {
    return "a shared subscription is $share/<name>/<filter>, the name not empty and without + and #";
  }
  return wildcardFault(filter);
}

/** [MQTT-4.7.1-1 and -2 in 5.0; -2 and -3 in 3.1.1] */
function wildcardFault(filter: string): string | undefined {
  for (let i = 0; i < filter.length; i++) {
    const c = filter.charCodeAt(i);
    if (c !== HASH && c !== PLUS) continue;
    if (i > 0 && filter.charCodeAt(i - 1) !== SLASH) return "a wildcard (+ or #) must be a whole level";
    if (c === HASH && i + 1 < filter.length) return "# is allowed only as the last level";
    if (i + 1 < filter.length && filter.charCodeAt(i + 1) !== SLASH) return "a wildcard (+ or #) must be a whole level";
  }
  return undefined;
}

/** The parts of `$share/<name>/<filter>`; undefined for every other filter. [MQTT-4.8.2-1, MQTT-4.8.2-2] */
export function parseShared(filter: string): { readonly group: string; readonly filter: string } | undefined {
  if (!filter.startsWith(SHARE)) return undefined;
  const slash = filter.indexOf("/", SHARE.length);
  const group = filter.slice(SHARE.length, slash);
  const rest = filter.slice(slash + 1);
  if (slash < 0 || rest === "" || topicNameFault(group) !== undefined) return undefined;
  return wildcardFault(rest) === undefined ? { group, filter: rest } : undefined;
}
