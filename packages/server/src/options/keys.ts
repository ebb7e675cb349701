import { Fault } from "./fault.ts";
import { patternFault } from "./items.ts";
import { nearestHint } from "./nearest.ts";
import type { KeyOption } from "./spec.ts";

const FIELDS = ["name", "hash", "key", "publish", "subscribe", "admin"];

/** Reads `auth.keys`: a list of maps, or the same as YAML or JSON text. No message holds a key. */
export function readKeys(raw: unknown): readonly KeyOption[] | Fault {
  const list = typeof raw === "string" ? parseText(raw) : raw;
  if (!Array.isArray(list)) return new Fault("must be a list of keys, each with name and hash");
  if (list.length > 10_000) return new Fault("must have at most 10000 keys");
  const keys: KeyOption[] = [];
  for (const [i, entry] of (list as readonly unknown[]).entries()) {
    const key = readKey(entry);
    if (key instanceof Fault) return new Fault(`key ${i + 1}: ${key.message}`);
    if (keys.some(({ name }) => name === key.name)) return new Fault(`key ${i + 1}: the name "${key.name}" is taken`);
    keys.push(key);
  }
  return keys;
}

function parseText(text: string): unknown {
  try {
    return Bun.YAML.parse(text);
  } catch {
    return undefined;
  }
}

function readKey(entry: unknown): KeyOption | Fault {
  if (typeof entry !== "object" || entry === null || Array.isArray(entry))
    return new Fault("must be a map with name and hash");
  const fields = new Map(Object.entries(entry));
  const unknown = [...fields.keys()].find((field) => !FIELDS.includes(field));
  if (unknown !== undefined) return new Fault(`unknown field "${unknown.slice(0, 60)}"${nearestHint(unknown, FIELDS)}`);
  return build(fields);
}

function build(fields: ReadonlyMap<string, unknown>): KeyOption | Fault {
  const name = fields.get("name");
  if (typeof name !== "string" || !/^[\w.-]{1,64}$/.test(name))
    return new Fault("name must be 1 to 64 letters, digits, dots, hyphens or underscores");
  const secret = readSecret(fields.get("hash") ?? undefined, fields.get("key") ?? undefined);
  const publish = readPatterns("publish", fields.get("publish") ?? []);
  const subscribe = readPatterns("subscribe", fields.get("subscribe") ?? []);
  const admin = fields.get("admin") ?? false;
  if (secret instanceof Fault) return secret;
  if (publish instanceof Fault) return publish;
  if (subscribe instanceof Fault) return subscribe;
  if (typeof admin !== "boolean") return new Fault("admin must be true or false");
  return { name, ...secret, publish, subscribe, admin };
}

function readSecret(hash: unknown, key: unknown): Pick<KeyOption, "hash" | "key"> | Fault {
  if ((hash === undefined) === (key === undefined)) return new Fault("needs either hash or key");
  if (hash !== undefined) {
    if (typeof hash === "string" && /^[0-9a-f]{64}$/i.test(hash)) return { hash: hash.toLowerCase(), key: undefined };
    return new Fault("hash must be the SHA-256 of the key, as 64 hexadecimal digits");
  }
  // 16 characters: what a person types is guessed; such a key is for development only.
  if (typeof key === "string" && /^tg_[\x21-\x7e]{13,125}$/.test(key)) return { hash: undefined, key };
  return new Fault("key must begin with tg_ and have 16 to 128 printable characters");
}

function readPatterns(field: string, raw: unknown): readonly string[] | Fault {
  if (!Array.isArray(raw) || raw.length > 1000) return new Fault(`${field} must be a list of topic patterns`);
  for (const pattern of raw as readonly unknown[]) {
    if (typeof pattern !== "string") return new Fault(`${field} must be a list of topic patterns`);
    if (pattern.includes("{")) return new Fault(`${field}: a key has no user, so {user} stands for nothing`);
    const fault = patternFault(pattern);
    if (fault !== undefined) return new Fault(`${field}: ${fault}`);
  }
  return raw as readonly string[];
}
