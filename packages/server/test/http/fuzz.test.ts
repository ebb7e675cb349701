import { expect, test } from "bun:test";
import fc from "fast-check";
import { jsonItems } from "../../src/transport/http/json-items.ts";
import { errorOf, startNode } from "./harness.ts";

const node = await startNode({ env: { HTTP_MAX_BODY: "8KB" } });
const RUNS = 300;

const nasty = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.constantFrom(
    "%",
    "%zz",
    "%c3%28",
    "%00",
    "+",
    "%2B",
    "%23",
    "/",
    "a/b",
    "e:1",
    ":1",
    "e:",
    "1e9",
    "-1",
    "0",
    "true",
    "\u2028",
  ),
  fc.integer().map(String),
);
const name = fc.oneof(
  fc.constantFrom("topic", "after", "before", "limit", "count", "since", "retained", "token"),
  nasty,
);
const query = fc
  .array(fc.tuple(name, nasty), { maxLength: 5 })
  .map((all) => all.map(([key, value]) => `${key}=${value}`).join("&"));
const path = fc.constantFrom(
  "/v1/history",
  "/v1/presence",
  "/v1/subscribe",
  "/v1/publish",
  "/v1/x",
  "/health/ready",
  "/v1/revoke",
);

/** Answers are what the API means to give; a 500 is its fault, and an error has a body that says which. */
async function expectClear(response: Response): Promise<void> {
  expect(response.status).not.toBe(500);
  if (response.ok) return response.body?.cancel();
  // The runtime itself refuses some requests before the API sees them.
  if (response.headers.get("content-type") !== "application/json") return void (await response.text());
  expect((await errorOf(response)).message.length).toBeGreaterThan(0);
}

test("H7 no parameter leads to a 500", async () => {
  const method = fc.constantFrom("GET", "POST", "OPTIONS", "PUT");
  await fc.assert(
    fc.asyncProperty(path, query, method, fc.option(nasty), async (where, asked, how, last) => {
      const headers = last === null || /[^\x20-\x7e]/.test(last) ? {} : { "Last-Event-ID": last };
      const request = new Request(`${node.url}${where}?${asked.replaceAll("#", "%23")}`, { method: how, headers });
      await expectClear(await fetch(request));
    }),
    { numRuns: RUNS },
  );
});

const value = fc.oneof(fc.jsonValue({ maxDepth: 3 }), nasty, fc.constantFrom("chat/a", "a/#", null, Infinity));
const message = fc.dictionary(
  fc.oneof(fc.constantFrom("topic", "data", "text", "base64", "messageId", "priority", "headers", "retain"), nasty),
  value,
  { maxKeys: 6 },
);
const body = fc.oneof(
  message.map((each) => JSON.stringify(each)),
  fc.array(fc.oneof(message, value), { maxLength: 5 }).map((each) => JSON.stringify(each, null, 2)),
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.integer({ min: 1, max: 4000 }).map((depth) => `{"topic":"a","data":${"[".repeat(depth)}${"]".repeat(depth)}}`),
);

test("H7 no body leads to a 500", async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom("/v1/publish", "/v1/revoke"), body, async (where, text) => {
      const headers = { "Content-Type": "application/json" };
      await expectClear(await fetch(node.url + where, { method: "POST", body: text, headers }));
    }),
    { numRuns: RUNS },
  );
});

test("H13 an array falls into the items that it was made of", () => {
  const items = fc.array(fc.jsonValue({ maxDepth: 4 }));
  fc.assert(
    fc.property(items, fc.constantFrom(undefined, 1, "\t"), (values, space) => {
      const written = jsonItems(JSON.stringify(values, null, space));
      expect(written.map((each) => JSON.parse(each) as unknown)).toEqual(
        JSON.parse(JSON.stringify(values)) as unknown[],
      );
    }),
    { numRuns: RUNS },
  );
});
