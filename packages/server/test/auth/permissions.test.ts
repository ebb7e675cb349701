import { expect, test } from "bun:test";
import { covers, filterFault, isWildcard, matches } from "@tidegate/protocol";
import fc from "fast-check";
import { type Grants, mayPublish, maySubscribe, PermissionPool, Permissions } from "../../src/auth/index.ts";
import { Pattern } from "../../src/auth/pattern.ts";
import { WeightedMap } from "../../src/auth/weighted-map.ts";
import { authSettings } from "../../src/auth/index.ts";
import { loadOptions } from "../../src/options/index.ts";
import { fixture, SECRET } from "./support.ts";

const level = fc.constantFrom("a", "b", "user", "ann", "$SYS", "{user}", "x{user}", "xann", "+", "", "us");
const filter = fc
  .tuple(fc.array(level, { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([levels, rest]) => (rest ? [...levels, "#"] : levels).join("/"))
  .filter((text) => text !== "");
const name = filter.map((text) => text.replaceAll("{user}", "ann")).filter((text) => filterFault(text) === undefined);
const topic = name.filter((text) => !isWildcard(text));

const USER: Grants = { publish: ["#"], subscribe: ["#"], admin: false, wildcardsReachUsers: false, ownTopic: true };

test("A20 a pattern covers what the protocol says, with the user's id in its place", () => {
  fc.assert(
    fc.property(filter, name, topic, (pattern, inner, exact) => {
      const replaced = pattern.replaceAll("{user}", "ann");
      expect(new Pattern(pattern).covers(inner, "ann")).toBe(covers(replaced, inner));
      expect(new Pattern(pattern).covers(exact, "ann")).toBe(matches(replaced, exact));
      if (pattern.includes("{user}") && !pattern.startsWith("#"))
        expect(new Pattern(pattern).covers(exact, undefined)).toBe(false);
    }),
    { numRuns: 1000 },
  );
});

test("A20 many patterns grant what one of them grants", () => {
  fc.assert(
    fc.property(fc.array(filter, { maxLength: 6 }), topic, name, (patterns, exact, inner) => {
      const permissions = new Permissions({
        ...USER,
        publish: patterns,
        subscribe: patterns,
        wildcardsReachUsers: true,
        ownTopic: false,
      });
      const replaced = patterns.map((pattern) => pattern.replaceAll("{user}", "ann"));
      expect(permissions.mayPublish("ann", exact)).toBe(replaced.some((pattern) => matches(pattern, exact)));
      if (!/^[+#]/.test(inner))
        expect(permissions.maySubscribe("ann", inner)).toBe(replaced.some((pattern) => covers(pattern, inner)));
    }),
    { numRuns: 1000 },
  );
});

test("A21 who may subscribe to a filter may subscribe to every topic of it", () => {
  const fill = fc.constantFrom("a", "user", "ann", "bob", "$SYS");
  fc.assert(
    fc.property(fc.array(filter, { maxLength: 6 }), fc.boolean(), name, fill, (patterns, wide, inner, text) => {
      const permissions = new Permissions({ ...USER, subscribe: patterns, wildcardsReachUsers: wide });
      const exact = inner.replaceAll(/[+#]/g, text);
      if (!matches(inner, exact) || !permissions.maySubscribe("ann", inner)) return;
      expect(permissions.maySubscribe("ann", exact)).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

test("A22 a user has the own personal topic and no other", async () => {
  const { authenticate, sign } = fixture();
  const ann = await authenticate(await sign());
  for (const filter of ["user/ann", "user/ann/x", "user/ann/#", "user/ann/+", "chat/#", "+/ann", "users/x"])
    expect(maySubscribe(ann, filter), filter).toBe(true);
  for (const filter of [
    "user/bob",
    "user/bob/#",
    "user/#",
    "user/+",
    "user",
    "+/bob",
    "+/+",
    "+",
    "#",
    "user/annx",
    "user/an",
  ])
    expect(maySubscribe(ann, filter), filter).toBe(false);
  for (const topic of ["user/ann", "user/bob", "user"]) expect(mayPublish(ann, topic), topic).toBe(false);
  expect(mayPublish(ann, "chat/room_1")).toBe(true);
  const granted = await authenticate(await sign({ publish: ["user/+"], subscribe: ["user/#", "#"] }));
  expect(mayPublish(granted, "user/bob")).toBe(true);
  for (const filter of ["user/bob", "#", "+/bob", "user/#"]) expect(maySubscribe(granted, filter), filter).toBe(true);
  const little = await authenticate(await sign({ subscribe: [] }));
  expect(maySubscribe(little, "user/ann/x")).toBe(true);
  expect(maySubscribe(little, "chat")).toBe(false);
});

test("A22 no wildcard pattern reaches another user's topics", () => {
  const wild = filter.filter((text) => /^[+#]/.test(text));
  fc.assert(
    fc.property(fc.array(wild, { maxLength: 4 }), name, topic, (patterns, inner, exact) => {
      const permissions = new Permissions({ ...USER, publish: patterns, subscribe: patterns });
      if (exact.startsWith("user/")) expect(permissions.mayPublish("ann", exact)).toBe(false);
      const isForBob = matches(inner, "user/bob") || matches(inner, "user/bob/x") || matches(inner, "user");
      if (isForBob) expect(permissions.maySubscribe("ann", inner)).toBe(false);
    }),
    { numRuns: 1000 },
  );
});

test("A23 a key's wildcards reach personal topics", () => {
  const key = new Permissions({ ...USER, wildcardsReachUsers: true, ownTopic: false });
  for (const filter of ["#", "+/bob", "user/#", "user/bob"])
    expect(key.maySubscribe(undefined, filter), filter).toBe(true);
  expect(key.mayPublish(undefined, "user/bob")).toBe(true);
});

test("A24 topics of the server need a pattern that begins with $", () => {
  for (const wildcardsReachUsers of [true, false]) {
    const all = new Permissions({ ...USER, wildcardsReachUsers });
    for (const filter of ["$SYS/x", "$SYS/#", "$x"]) expect(all.maySubscribe("ann", filter)).toBe(false);
    expect(all.mayPublish("ann", "$SYS/x")).toBe(false);
    expect(new Permissions({ ...USER, publish: ["$SYS/#"] }).mayPublish("ann", "$SYS/x")).toBe(true);
  }
});

test("A25 a namespace's patterns are added to those of all users", () => {
  const env = {
    TIDEGATE_AUTH_JWT_SECRET: SECRET,
    TIDEGATE_AUTH_USER_PERMISSIONS_PUBLISH: "news/x",
    TIDEGATE_NAMESPACES: '{chat: {publish: ["{user}/#"], subscribe: ["#"]}, empty: {}}',
  };
  expect(authSettings(loadOptions({ env, flags: {} })).users).toEqual({
    publish: ["news/x", "chat/{user}/#"],
    subscribe: ["#", "chat/#"],
  });
});

test("A26 equal permissions are one object, and what is kept is bounded", async () => {
  const { authenticate, sign } = fixture();
  const [ann, bob] = [await authenticate(await sign()), await authenticate(await sign({ sub: "bob" }))];
  expect(ann.permissions).toBe(bob.permissions);
  const own = async (sub: string) => (await authenticate(await sign({ sub, publish: ["x"] }))).permissions;
  expect(await own("ann")).toBe(await own("bob"));
  const pool = new PermissionPool(10);
  const first = pool.of({ ...USER, publish: ["first"] });
  for (let i = 0; i < 100; i++) pool.of({ ...USER, publish: [`${i}`] });
  expect(pool.of({ ...USER, publish: ["first"] })).not.toBe(first);
});

test("A11 A26 a weighted map never weighs more than its limit", () => {
  const entry = fc.tuple(fc.constantFrom(..."abcdefgh".split("")), fc.nat({ max: 12 }));
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 50 }), (entries) => {
      const map = new WeightedMap<number>(20, (weight) => weight);
      for (const [key, weight] of entries) {
        map.set(key, weight);
        expect(map.get(key)).toBe(weight);
        const kept = [..."abcdefgh".split("")].map((each) => map.get(each) ?? 0);
        expect(kept.reduce((sum, each) => sum + each, 0)).toBe(map.weight);
        expect(map.weight).toBeLessThanOrEqual(20);
      }
      map.set("heavy", 21);
      expect(map.get("heavy")).toBeUndefined();
      map.clear();
      expect([map.size, map.weight]).toEqual([0, 0]);
    }),
  );
});
