import { afterEach, expect, test } from "bun:test";
import { boundaryFaults, importFault } from "../check/boundaries/boundaries.ts";
import { cyclesOf } from "../check/boundaries/cycles.ts";
import { importsOf } from "../check/boundaries/imports.ts";
import { cleanUp, makeFolder } from "./launched.ts";

const S = "packages/server/src";

afterEach(cleanUp);

function faultOf(file: string, statement: string): string | undefined {
  return importsOf(file, statement).map(importFault)[0];
}

test.each([
  ["packages/protocol/src/a.ts", `import { a } from "@tidegate/server";`],
  [`${S}/router/trie.ts`, `import { s } from "../session/session.ts";`],
  [`${S}/router/trie.ts`, `import type { S } from "../session/session.ts";`],
  [`${S}/session/session.ts`, `export * from "../transport/websocket.ts";`],
  [`${S}/log/stream.ts`, `import { x } from "../adapters/sqlite/log.ts";`],
  [`${S}/session/session.ts`, `const x = await import("../adapters/sqlite/log.ts");`],
  [`${S}/adapters/sqlite/log.ts`, `import { hub } from "../../delivery/hub.ts";`],
  [`${S}/clock.ts`, `import { x } from "./observe/x.ts";`],
])("CK2 refused: %s %s", (file, statement) => {
  expect(faultOf(file, statement)).toMatch(/may not import/);
});

test.each([
  [`${S}/main.ts`, `import { x } from "./adapters/sqlite/log.ts";`],
  [`${S}/gateway/start.ts`, `import { x } from "../transport/websocket.ts";`],
  [`${S}/session/session.ts`, `import { x } from "../log/log.ts";`],
  [`${S}/adapters/sqlite/log.ts`, `import type { Log } from "../../log/log.ts";`],
  [`${S}/session/session.ts`, `import { z } from "zod";`],
])("CK2 allowed: %s %s", (file, statement) => {
  expect(faultOf(file, statement)).toBeUndefined();
});

test("CK2 a file that does not exist, and one that belongs to no module", async () => {
  const root = await makeFolder({
    "packages/protocol/src/a.ts": `import { b } from "./b.ts";\n`,
    "packages/server/src/odd/a.ts": `import { b } from "@tidegate/protocol";\n`,
  });
  const [first, second] = await boundaryFaults(root);
  expect(first).toBe("packages/protocol/src/a.ts:1 imports ./b.ts, which does not exist");
  expect(second).toStartWith("packages/server/src/odd/a.ts belongs to no module");
});

test("CK3 the client has the protocol's types and none of its code", () => {
  const file = "packages/client/src/a.ts";
  expect(faultOf(file, `import type { Message } from "@tidegate/protocol";`)).toBeUndefined();
  expect(faultOf(file, `import {\n  type A,\n  type B,\n} from "@tidegate/protocol";`)).toBeUndefined();
  expect(faultOf(file, `import { type A, CODES } from "@tidegate/protocol";`)).toContain("may not import protocol");
});

test("CK4 one vendor's folder does not know another's", () => {
  expect(faultOf(`${S}/adapters/nats/log.ts`, `import { x } from "../sqlite/log.ts";`)).toBe(
    `${S}/adapters/nats/log.ts is of nats and imports sqlite`,
  );
  expect(faultOf(`${S}/adapters/nats/log.ts`, `import { x } from "./connection.ts";`)).toBeUndefined();
});

test("CK5 circles are found", () => {
  const edges = new Map([
    ["a", new Set(["b", "c"])],
    ["b", new Set(["c"])],
    ["c", new Set(["d"])],
    ["d", new Set(["b"])],
  ]);
  expect(cyclesOf(edges)).toEqual([["b", "c", "d", "b"]]);
  edges.delete("d");
  expect(cyclesOf(edges)).toEqual([]);
});
