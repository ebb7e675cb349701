import { readEntries, readPatterns } from "./entries.ts";
import { Fault } from "./fault.ts";
import { nearestHint } from "./nearest.ts";
import type { KeyOption } from "./spec.ts";

const FIELDS = ["name", "hash", "key", "publish", "subscribe", "admin"];

/** Reads `auth.keys`: a list of maps, or the same as YAML or JSON text. No message holds a key. */
export function readKeys(raw: unknown): readonly KeyOption[] | Fault {
  return readEntries(raw, { noun: "key", needs: "name and hash", read: readKey });
}

function readKey(fields: ReadonlyMap<string, unknown>): KeyOption | Fault {
  const unknown = [...fields.keys()].find((field) => !FIELDS.includes(field));
  if (unknown !== undefined) return new Fault(`unknown field "${unknown.slice(0, 60)}"${nearestHint(unknown, FIELDS)}`);
  return build(fields);
}

function build(fields: ReadonlyMap<string, unknown>): KeyOption | Fault {
  const name = fields.get("name");
  if (typeof name !== "string" || !/^[\w.-]{1,64}$/.test(name))
    return new Fault("name must be 1 to 64 letters, digits, dots, hyphens or underscores");
  const secret = readSecret(fields.get("hash") ?? undefined, fields.get("key") ?? undefined);
  const publish = readPatterns("publish", fields.get("publish") ?? [], variableFault);
  const subscribe = readPatterns("subscribe", fields.get("subscribe") ?? [], variableFault);
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

function variableFault(pattern: string): string | undefined {
  return pattern.includes("{") ? "a key has no user, so {user} stands for nothing" : undefined;
}
