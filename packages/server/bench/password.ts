import { pbkdf2Sync, randomBytes } from "node:crypto";
import { verifyPassword } from "../src/auth/verify-password.ts";
import { quantile } from "./support/quantile.ts";

/**
 * What it costs to verify a password: `bun packages/server/bench/password.ts [rounds]`.
 *
 * As `tidegate password` hashes it, as Bun does by default, and at the most that the server takes. A verification is one thread's work, so its
 * time is that of a core; the middle of the rounds is printed.
 */
const rounds = Number(process.argv[2] ?? 9);
const PASSWORD = "correct horse battery staple";
const COST = { algorithm: "argon2id", memoryCost: 19_456, timeCost: 2 } as const;

const hashes = {
  "`tidegate password` (argon2id, 19 MB, 2 passes)": await Bun.password.hash(PASSWORD, COST),
  "Bun's default (argon2id)": await Bun.password.hash(PASSWORD),
  "bcrypt, cost 10, the usual one": await Bun.password.hash(PASSWORD, { algorithm: "bcrypt", cost: 10 }),
  "bcrypt, cost 15, the most that is taken": await Bun.password.hash(PASSWORD, { algorithm: "bcrypt", cost: 15 }),
  "PBKDF2, 1,000,000 rounds, the most that is taken": pbkdf2Hash(1_000_000),
};

console.log("| hash | ms of CPU |\n|---|---|");
for (const [name, hash] of Object.entries(hashes)) {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    if (!(await verifyPassword(PASSWORD, hash))) throw new Error(`${name}: the password is not taken`);
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / 1000);
  }
  console.log(`| ${name} | ${quantile(times, 0.5).toFixed(0)} |`);
}

/** As `mosquitto_passwd` of 2.0 makes it. */
function pbkdf2Hash(iterations: number): string {
  const salt = randomBytes(12);
  const digest = pbkdf2Sync(PASSWORD, salt, iterations, 64, "sha512");
  return `$7$${iterations}$${salt.toString("base64")}$${digest.toString("base64")}`;
}
