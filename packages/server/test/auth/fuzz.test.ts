import { expect, test } from "bun:test";
import fc from "fast-check";
import { SignJWT } from "jose";
import { AuthError } from "../../src/auth/index.ts";
import { fixture, SECRET } from "./support.ts";

const { authenticate, sign } = fixture({ JWT_SECRET: SECRET, JWT_ISSUER: "me" });

/** An identity, or undefined for a refusal; anything else is thrown. */
async function outcome(token: string) {
  try {
    return await authenticate(token);
  } catch (error) {
    if (!(error instanceof AuthError)) throw error;
    expect(["unauthenticated", "token_expired"]).toContain(error.reason);
    // What a person could read out of a message: any longer piece of the token.
    for (const part of token.split(".")) if (part.length > 12) expect(error.message).not.toContain(part);
    return undefined;
  }
}

const part = fc.oneof(
  fc.base64String({ maxLength: 40 }),
  fc.json({ maxDepth: 3 }).map((json) => Buffer.from(json).toString("base64url")),
  fc
    .record(
      {
        alg: fc.constantFrom("HS256", "none", "RS256", "EdDSA", ""),
        kid: fc.string(),
        crit: fc.anything(),
        b64: fc.boolean(),
      },
      { requiredKeys: [] },
    )
    .map((header) => Buffer.from(JSON.stringify(header)).toString("base64url")),
);

test("A9 A10 any text as a token is refused with a reason and without a piece of it", async () => {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 200 }),
    fc.array(part, { maxLength: 6 }).map((parts) => parts.join(".")),
    fc.string().map((end) => `tg_${end}`),
  );
  await fc.assert(
    fc.asyncProperty(
      text.filter((token) => token !== ""),
      async (token) => expect(await outcome(token)).toBeUndefined(),
    ),
    { numRuns: 300 },
  );
});

test("A10 a good token with any one character changed is not a token", async () => {
  const token = await sign({ issuer: "me" });
  expect(await outcome(token)).toMatchObject({ user: "ann" });
  const change = fc.tuple(
    fc.nat({ max: token.length - 3 }),
    fc.constantFrom(..."ABCDEFGHabcdefgh0123-_.=+/ ".split("")),
  );
  await fc.assert(
    fc.asyncProperty(change, async ([at, char]) => {
      fc.pre(token[at] !== char);
      expect(await outcome(token.slice(0, at) + char + token.slice(at + 1))).toBeUndefined();
    }),
    { numRuns: 200 },
  );
});

test("A9 A10 any claims under a right signature are an identity that obeys the rules, or a refusal", async () => {
  const claims = fc.record(
    {
      sub: fc.oneof(fc.string(), fc.anything()),
      exp: fc.oneof(fc.double(), fc.integer(), fc.anything()),
      iat: fc.oneof(fc.integer(), fc.anything()),
      nbf: fc.oneof(fc.integer(), fc.anything()),
      jti: fc.oneof(fc.string(), fc.anything()),
      iss: fc.oneof(fc.constant("me"), fc.anything()),
      publish: fc.oneof(fc.array(fc.string()), fc.anything()),
      subscribe: fc.oneof(fc.array(fc.string()), fc.anything()),
      info: fc.jsonValue(),
    },
    { requiredKeys: ["sub", "iss"] },
  );
  const key = new TextEncoder().encode(SECRET);
  await fc.assert(
    fc.asyncProperty(claims, async (all) => {
      const json = JSON.parse(
        JSON.stringify(all, (_, value: unknown) => (typeof value === "bigint" ? Number(value) : value)),
      ) as Record<string, unknown>;
      const token = await new SignJWT(json).setProtectedHeader({ alg: "HS256" }).sign(key);
      const identity = await outcome(token);
      if (identity === undefined) return;
      expect(identity.user).toBe(json["sub"] as string);
      expect(identity.user).toMatch(/^[^/+#$][^/+#]*$/u);
      expect(json["iss"]).toBe("me");
      if (identity.info !== undefined) expect(JSON.parse(identity.info)).toEqual(json["info"]);
    }),
    { numRuns: 200 },
  );
});

test("A10 a token longer than the protocol allows is refused unread", async () => {
  expect(await outcome("a".repeat(8193))).toBeUndefined();
  expect(await outcome(`tg_${"a".repeat(8190)}`)).toBeUndefined();
});
