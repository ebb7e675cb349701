import { expect, test } from "bun:test";
import fc from "fast-check";
import { loadOptions, namespaceSettings, OptionsError, parseDuration, parseSize } from "../../src/options/index.ts";
import { joinSources, fromText } from "../../src/options/sources.ts";
import { readValue } from "../../src/options/read.ts";
import { attributeOf, variableOf } from "../../src/options/names.ts";
import { OPTIONS } from "../../src/options/table.ts";
import { withFile } from "./support.ts";

const NAMES = [...OPTIONS.keys()];
const key = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...NAMES.flatMap((name) => name.split(".")), "namespaces", "chat") },
  fc.string({ maxLength: 8 }),
);
const leaf = fc.oneof(
  fc.constantFrom("25s", "64KB", "true", "#", "a,b", "process", "8080", "", null, "0", "{user}"),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.string({ unit: "binary", maxLength: 12 }),
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5 },
    leaf,
    fc.dictionary(key, tie("tree"), { maxKeys: 6 }),
    fc.array(tie("tree"), { maxLength: 4 }),
  ),
}));

/** True if it loads, false if it is refused as the rules say; anything else is thrown. */
function isAccepted(load: () => unknown): boolean {
  try {
    load();
    return true;
  } catch (error) {
    if (!(error instanceof OptionsError)) throw error;
    expect(error.faults.length).toBeGreaterThan(0);
    for (const fault of error.faults) expect(fault.length).toBeLessThan(1000);
    return false;
  }
}

test("O12 any tree in a file is taken or refused", () => {
  fc.assert(
    fc.property(tree, (value) =>
      withFile(JSON.stringify(value) ?? "", (file) => void isAccepted(() => loadOptions({ file, env: {}, flags: {} }))),
    ),
    { numRuns: 200 },
  );
});

test("O12 any text in a file is taken or refused", () => {
  const line = fc.tuple(
    fc.constantFrom("", "  ", "    ", "- "),
    key,
    fc.constantFrom(": ", ":", " "),
    fc.string({ maxLength: 8 }),
  );
  const lines = fc
    .array(
      line.map((parts) => parts.join("")),
      { maxLength: 12 },
    )
    .map((all) => all.join("\n"));
  const text = fc.oneof(lines, fc.string({ unit: "binary", maxLength: 60 }));
  fc.assert(
    fc.property(text, (yaml) =>
      withFile(yaml, (file) => void isAccepted(() => loadOptions({ file, env: {}, flags: {} }))),
    ),
    { numRuns: 200 },
  );
});

test("O12 any text in variables and anything in flags is taken or refused", () => {
  const variable = fc.constantFrom("TIDEGATE_NAMESPACES", ...NAMES.map(variableOf));
  const env = fc.dictionary(
    variable,
    fc.oneof(
      fc.string({ maxLength: 20 }),
      tree.map((value) => JSON.stringify(value) ?? ""),
    ),
    { maxKeys: 4 },
  );
  const flags = fc.dictionary(
    fc.oneof(fc.constantFrom(...NAMES.map(attributeOf)), fc.string()),
    fc.oneof(tree, fc.anything()),
    { maxKeys: 4 },
  );
  fc.assert(
    fc.property(env, flags, (variables, given) => void isAccepted(() => loadOptions({ env: variables, flags: given }))),
    { numRuns: 200 },
  );
});

test("O12 anchors that name themselves or multiply end at once", () => {
  const bomb = [
    "a: &a [x,x,x,x,x,x,x,x,x]",
    ..."bcdefghij".split("").map((name, i) => `${name}: &${name} [${`*${"abcdefghi"[i]},`.repeat(9)}]`),
  ].join("\n");
  for (const text of [bomb, "http: &h\n  tls: *h\n", "namespaces: &n\n  chat: *n\n", "auth: {keys: &k [*k]}"])
    withFile(text, (file) => expect(isAccepted(() => loadOptions({ file, env: {}, flags: {} }))).toBe(false));
});

test("O1 O21 values that the table allows come out as they went in", () => {
  const size = fc.nat({ max: 10_000_000 });
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[a-z.]{1,8}$/), size, { maxKeys: 5 }), (sizes) => {
      const tree = Object.fromEntries(
        Object.entries(sizes).map(([name, value]) => [name, { history: { size: value } }]),
      );
      const options = loadOptions({ env: { TIDEGATE_NAMESPACES: JSON.stringify(tree) }, flags: {} });
      for (const [name, value] of Object.entries(sizes))
        expect(namespaceSettings(options)(name)?.history.size).toBe(value);
    }),
  );
});

test("O12 the readers of units and values never throw", () => {
  fc.assert(
    fc.property(fc.constantFrom(...OPTIONS.values()), fc.anything(), fc.string(), (spec, raw, text) => {
      parseDuration(text);
      parseSize(text);
      readValue(spec, raw);
      joinSources([fromText(text, "x")]);
    }),
    { numRuns: 2000 },
  );
});
