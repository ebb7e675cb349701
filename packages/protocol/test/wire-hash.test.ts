import { expect, test } from "bun:test";
import { join } from "node:path";
import { generatedIsFresh } from "../scripts/check-generated.ts";
import { bareProto, wireHash } from "../scripts/wire-hash.ts";
import { PROTOCOL_VERSION, WIRE_HASH } from "../src/version.ts";

const PROTO = join(import.meta.dir, "../proto/tidegate/v1/tidegate.proto");

test("W70 the wire does not change without a version", async () => {
  const hash = wireHash(await Bun.file(PROTO).text());
  const advice =
    `The wire changed: hash ${hash} instead of ${WIRE_HASH} of version ${PROTOCOL_VERSION}. ` +
    "If clients of this version still work, write the new hash into packages/protocol/src/version.ts; " +
    "if they do not, raise PROTOCOL_VERSION too and tell of it in docs/spec/wire.md and the CHANGELOG.";
  expect(hash, advice).toBe(WIRE_HASH);
});

test("W70 the hash sees fields and not comments", async () => {
  const proto = await Bun.file(PROTO).text();
  expect(wireHash(`${proto}\n// A remark.\n`)).toBe(wireHash(proto));
  expect(wireHash(proto.replace("string epoch = 1;", "string epoch = 9;"))).not.toBe(wireHash(proto));
  expect(bareProto("message A { // x\n  int32 b = 1;\n}")).toBe("message A { int32 b = 1; }");
});

test("W71 the generated Protobuf code is that of tidegate.proto", async () => {
  const advice = "run `npm run -w packages/protocol generate` and commit the result";
  expect(await generatedIsFresh(), advice).toBe(true);
});
