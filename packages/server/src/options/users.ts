import { readEntries, readPatterns } from "./entries.ts";
import { Fault } from "./fault.ts";
import { nearestHint } from "./nearest.ts";
import { passwordHashFault } from "./password-hash.ts";
import type { UserOption } from "./spec.ts";
import { userFault } from "./user-id.ts";

const FIELDS = ["name", "hash", "publish", "subscribe", "admin", "since"];

/** Reads `auth.users`: a list of maps, or the same as YAML or JSON text. No message holds a hash or password. */
export function readUsers(raw: unknown): readonly UserOption[] | Fault {
  return readEntries(raw, { noun: "user", needs: "name and hash", read: readUser });
}

function readUser(fields: ReadonlyMap<string, unknown>): UserOption | Fault {
  if (fields.has("password")) return new Fault(NO_PASSWORD);
  const unknown = [...fields.keys()].find((field) => !FIELDS.includes(field));
  if (unknown !== undefined) return new Fault(`unknown field "${unknown.slice(0, 60)}"${nearestHint(unknown, FIELDS)}`);
  const name = fields.get("name");
  if (typeof name !== "string") return new Fault("name must be text (put it in quotes): the user id");
  const fault = userFault(name);
  if (fault !== undefined) return new Fault(`name must be a user id: it ${fault}`);
  const hash = fields.get("hash");
  const wrong = passwordHashFault(hash);
  return wrong === undefined ? build(name, hash as string, fields) : new Fault(`hash ${wrong}`);
}

const NO_PASSWORD = 'passwords are not kept here: give the hash that "tidegate password" makes of it';

function build(name: string, hash: string, fields: ReadonlyMap<string, unknown>): UserOption | Fault {
  const publish = readPatterns("publish", fields.get("publish") ?? []);
  const subscribe = readPatterns("subscribe", fields.get("subscribe") ?? []);
  const admin = fields.get("admin") ?? false;
  const since = readTime(fields.get("since") ?? undefined);
  if (publish instanceof Fault) return publish;
  if (subscribe instanceof Fault) return subscribe;
  if (since instanceof Fault) return since;
  if (typeof admin !== "boolean") return new Fault("admin must be true or false");
  return { name, hash, since, publish, subscribe, admin };
}

function readTime(raw: unknown): number | undefined | Fault {
  if (raw === undefined) return undefined;
  const time = typeof raw === "string" && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(raw) ? Date.parse(raw) : NaN;
  return Number.isNaN(time) ? new Fault("since must be a time such as 2026-03-01T09:30:00Z") : time;
}
