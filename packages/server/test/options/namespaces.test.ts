import { expect, test } from "bun:test";
import { loadOptions, namespaceSettings } from "../../src/options/index.ts";
import { faultsOf, withFile } from "./support.ts";

const TEXT = `
namespaceDefaults:
  history: {size: 7}
  slowConsumer: skip
namespaces:
  chat:
    history:
      age: 1h
    durability: power
  "my.room": {maxPayload: 1KB}
  __proto__: {retained: false}
`;
const load = (flags = {}) => withFile(TEXT, (file) => loadOptions({ file, env: {}, flags }));

test("O21 a listed namespace has the defaults wherever it says nothing", () => {
  const chat = load().namespaces.get("chat");
  expect(chat?.history).toEqual({ size: 7, age: 3_600_000 });
  expect([chat?.durability, chat?.slowConsumer, chat?.maxPayload]).toEqual(["power", "skip", 65_536]);
  expect(load().namespaces.get("my.room")?.maxPayload).toBe(1024);
  expect(load().namespaces.get("__proto__")?.retained).toBe(false);
});

test("O22 a namespace that is not listed has the defaults, one object for all", () => {
  const of = namespaceSettings(load());
  expect(of("chat")?.durability).toBe("power");
  expect(of("other")).toBe(of("constructor")!);
  expect(of("other")?.history.size).toBe(7);
});

test("O22 with strictNamespaces it has none, but for user and the server's own", () => {
  const of = namespaceSettings(load({ strictNamespaces: true }));
  expect(of("other")).toBeUndefined();
  expect(of("toString")).toBeUndefined();
  expect(of("chat")?.durability).toBe("power");
  expect(of("user")?.durability).toBe("process");
  expect(of("$SYS")?.durability).toBe("process");
});

test("O23 a namespace is named by one level of a topic", () => {
  for (const name of ["a/b", "a+", "#", "$SYS", "a\u0001", ""])
    expect(faultsOf({ text: `namespaces: {${JSON.stringify(name)}: {}}` }), name).toHaveLength(1);
  expect(faultsOf({ text: "namespaces: {user: {}, 5: {}, é: {}}" })).toEqual([]);
});
