import { expect, test } from "bun:test";
import { Fault } from "../../src/options/fault.ts";
import { passwordHashFault } from "../../src/options/password-hash.ts";
import { readUsers } from "../../src/options/users.ts";

const SALT = "c2FsdHNhbHRzYWx0";
const DIGEST = "QUFBQUFBQUFBQUFBQUFBQUFBQUE";
const HASH = `$argon2id$v=19$m=65536,t=2,p=1$${SALT}$${DIGEST}`;
const BCRYPT = `$2b$10$${"a".repeat(21)}e${"b".repeat(30)}u`;
const MOSQUITTO =
  "$6$XHeh9HbpAcUcUvwW$NvHe2CQeVD+J1JBW/rszty9bGsd5+uUXEl1pcF4M1dKc2nbNkxU7d7J31f3BPSEaXpGqhyG512ByFPXPzgS2CQ==";

test("O30 a user has a name and a hash, and may have patterns, admin and since", () => {
  const full = { name: "ann@example.org", hash: HASH, publish: ["a/{user}/#"], subscribe: ["b"], admin: true };
  expect(
    readUsers([
      { ...full, since: "2026-03-01T09:30:00Z" },
      { name: "bob", hash: BCRYPT },
    ]),
  ).toEqual([
    { ...full, since: Date.UTC(2026, 2, 1, 9, 30) },
    { name: "bob", hash: BCRYPT, since: undefined, publish: [], subscribe: [], admin: false },
  ]);
  expect(readUsers(`[{name: a, hash: "${HASH}", since: 2026-03-01T09:30:00Z}]`)).toHaveLength(1);
  const many = Array.from({ length: 10_000 }, (_, i) => ({ name: `u${i}`, hash: HASH }));
  expect(readUsers(many)).toHaveLength(10_000);
  expect(readUsers([...many, { name: "one more", hash: HASH }])).toEqual(new Fault("must have at most 10000 users"));
});

test("O30 O25 what is wrong with a user is told without hash and password", () => {
  const bad: [unknown, string][] = [
    [{ hash: HASH }, "user 1: name must be text"],
    [{ name: 7, hash: HASH }, "user 1: name must be text"],
    [{ name: "a/b", hash: HASH }, "user 1: name must be a user id: it has /, + or #"],
    [{ name: HASH, hash: "a" }, "user 1: name must be a user id: it"],
    [{ name: "a" }, "user 1: hash must be the argon2id or bcrypt hash"],
    [{ name: "a", hash: "secret-secret" }, "user 1: hash must be the argon2id or bcrypt hash"],
    [{ name: "a", hash: "$7$101$secret$secret" }, "user 1: hash is not a whole hash of mosquitto_passwd"],
    [{ name: "a", password: "secret" }, "user 1: passwords are not kept here"],
    [{ name: "a", hash: HASH, pubish: [] }, 'user 1: unknown field "pubish" (did you mean "publish"?)'],
    [{ name: "a", hash: HASH, publish: "x" }, "user 1: publish must be a list"],
    [{ name: "a", hash: HASH, subscribe: ["a/{name}"] }, 'user 1: subscribe: "a/{name}" has the variable {name}'],
    [{ name: "a", hash: HASH, admin: "yes" }, "user 1: admin must be"],
    [{ name: "a", hash: HASH, since: "today" }, "user 1: since must be a time such as"],
    [{ name: "a", hash: HASH, since: "2026-13-01T00:00:00Z" }, "user 1: since must be a time such as"],
    ["a:secret", "user 1: must be a map with name and hash"],
  ];
  for (const [entry, message] of bad) {
    const fault = readUsers([entry]);
    expect(fault).toBeInstanceOf(Fault);
    expect((fault as Fault).message).toStartWith(message);
    expect((fault as Fault).message).not.toMatch(/secret|c2FsdHNh/);
  }
  const twice = [
    { name: "a", hash: HASH },
    { name: "a", hash: BCRYPT },
  ];
  expect(readUsers(twice)).toEqual(new Fault('user 2: the name "a" is taken'));
  for (const raw of [{}, 5, "ann:secret", "["]) expect(readUsers(raw)).toBeInstanceOf(Fault);
});

test("O31 what Bun.password.hash makes is taken, and what is taken can be verified", async () => {
  const cheap = { algorithm: "argon2id", memoryCost: 8, timeCost: 1 } as const;
  const made = [await Bun.password.hash("x", cheap), await Bun.password.hash("x", { algorithm: "bcrypt", cost: 4 })];
  const [argon = "", bcrypt = ""] = made;
  for (const hash of [...made, bcrypt.replace("$2b$", "$2y$")]) {
    expect(passwordHashFault(hash)).toBeUndefined();
    expect(await Bun.password.verify("x", hash)).toBeTrue();
  }
  // Every character in every place: nothing that is taken makes the verification fail.
  for (const hash of [argon, bcrypt])
    for (let i = hash.lastIndexOf("$") - 30; i < hash.length; i++)
      for (const char of "./+Ae9z$ ") {
        const changed = hash.slice(0, i) + char + hash.slice(i + 1);
        if (passwordHashFault(changed) === undefined && changed !== hash)
          expect(Bun.password.verifySync("y", changed)).toBeFalse();
      }
});

test("O31 a hash that is cut, or costs too much to verify, is refused", () => {
  const long = `$${SALT}$${DIGEST}`;
  const bad: [unknown, string][] = [
    [HASH.slice(0, -8), "is not a whole argon2id hash"],
    [HASH.slice(0, -1), "is not a whole argon2id hash"],
    [`${HASH} `, "is not a whole argon2id hash"],
    [`$argon2id$v=16$m=65536,t=2,p=1${long}`, "is not a whole argon2id hash"],
    [`$argon2id$v=19$m=262145,t=2,p=1${long}`, "costs too much to verify: at most m=262144, t=20 and p=16"],
    [`$argon2id$v=19$m=65536,t=21,p=1${long}`, "costs too much"],
    [`$argon2id$v=19$m=65536,t=2,p=17${long}`, "costs too much"],
    [`$argon2id$v=19$m=15,t=2,p=2${long}`, "has parameters that argon2id does not allow"],
    [`$argon2i$v=19$m=65536,t=2,p=1${long}`, "must be the argon2id or bcrypt hash"],
    [BCRYPT.slice(0, -1), "is not a whole bcrypt hash"],
    [BCRYPT.replace("$10$", "$16$"), "has the bcrypt cost 16: it must be from 4 to 15"],
    [BCRYPT.replace("$10$", "$03$"), "has the bcrypt cost 3"],
    [`$7$101$${SALT}$${DIGEST}`, "is not a whole hash of mosquitto_passwd"],
    [`$7$${MOSQUITTO.slice(3)}`, "is not a whole hash of mosquitto_passwd"],
    [`$7$0$${MOSQUITTO.slice(3)}`, "is not a whole hash of mosquitto_passwd"],
    [`$7$1000001$${MOSQUITTO.slice(3)}`, "costs too much to verify: at most 1000000 iterations"],
    [MOSQUITTO.slice(0, -1), "is not a whole hash of mosquitto_passwd"],
    [MOSQUITTO.replace("Q==", "R=="), "is not a whole hash of mosquitto_passwd"],
    [5, "must be the argon2id or bcrypt hash"],
  ];
  for (const hash of [HASH, BCRYPT, MOSQUITTO, `$7$101$${MOSQUITTO.slice(3)}`])
    expect(passwordHashFault(hash)).toBeUndefined();
  for (const [hash, message] of bad) expect(passwordHashFault(hash)).toStartWith(message);
});
