import { expect, test } from "bun:test";
import fc from "fast-check";
import { contentOf, ownKey, senderOf } from "../../src/state/content.ts";
import { linkPieces } from "../../src/state/links.ts";
import { cleanName, initials, madeUpName } from "../../src/state/person.ts";

test("U1 text of every shape is text", () => {
  expect(contentOf({ data: { text: "hi", more: 1 }, format: "json" })).toEqual({ kind: "text", text: "hi" });
  expect(contentOf({ data: "hi", format: "json" })).toEqual({ kind: "text", text: "hi" });
  expect(contentOf({ data: "<b>hi</b>", format: "text" })).toEqual({ kind: "text", text: "<b>hi</b>" });
});

test("U1 other JSON is code", () => {
  for (const data of [
    { text: 1 },
    { a: [1, null] },
    42,
    true,
    null,
    [],
    Object.create({ text: "inherited" }) as object,
  ])
    expect(contentOf({ data, format: "json" })).toEqual({ kind: "code", text: JSON.stringify(data, undefined, 2) });
});

test("U1 bytes are counted and begin in hex", () => {
  const bytes = (length: number) => contentOf({ data: new Uint8Array(length).fill(10), format: "binary" });
  expect(bytes(2)).toEqual({ kind: "binary", bytes: 2, text: "0a 0a" });
  expect(bytes(48).text).toEndWith("0a 0a");
  expect(bytes(49)).toMatchObject({ bytes: 49, text: expect.stringMatching(/^(0a ){48}…$/) });
});

test("U1 no JSON is too strange to be shown", () => {
  fc.assert(fc.property(fc.jsonValue(), (data) => typeof contentOf({ data, format: "json" }).text === "string"));
});

test("U2 a user is who the server says, others are who they say", () => {
  const data = { text: "", name: "Ada", sender: "a1" };
  expect(senderOf({ data, from: "42" })).toEqual({ key: "user:42", name: "Ada" });
  expect(senderOf({ data: "x", from: "42" })).toEqual({ key: "user:42", name: "42" });
  expect(senderOf({ data, from: undefined })).toEqual({ key: "id:a1", name: "Ada" });
  expect(senderOf({ data: { name: "curl" }, from: undefined })).toEqual({ key: "name:curl", name: "curl" });
  expect(senderOf({ data: { name: 7, sender: {} }, from: undefined })).toEqual({ key: "nobody", name: "Anonymous" });
});

test("U2 the own key is the one of the own messages", () => {
  const data = { text: "", name: "Ada", sender: "a1" };
  expect(ownKey("a1", undefined)).toBe(senderOf({ data, from: undefined }).key);
  expect(ownKey("a1", "42")).toBe(senderOf({ data, from: "42" }).key);
});

test.each([
  ["see https://a.example/b.", ["https://a.example/b"]],
  ["(https://a.example/b_(c))", ["https://a.example/b_(c)"]],
  ["http://a.example?x=1&y=2, https://b.example/…", ["http://a.example/?x=1&y=2", "https://b.example/"]],
  ["javascript:alert(1) data:text/html,x ftp://a.example //a.example www.a.example", []],
  ["xhttps://a.example https://", []],
])("U3 the links of %j", (text, urls) => {
  expect(linkPieces(text).flatMap(({ url }) => url ?? [])).toEqual(urls);
});

test("U3 the pieces are the text, and every link is of the web", () => {
  const word = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("https://a.example/", "http:", "//", ")", "(", " ", "."),
  );
  fc.assert(
    fc.property(fc.array(word), (words) => {
      const text = words.join("");
      const pieces = linkPieces(text);
      expect(pieces.map((piece) => piece.text).join("")).toBe(text);
      for (const { url } of pieces) if (url !== undefined) expect(url).toMatch(/^https?:\/\//);
    }),
  );
});

test("U4 a name is one short line or none", () => {
  expect(cleanName("  Ada \n Lovelace ")).toBe("Ada Lovelace");
  expect(cleanName(" \t\u2028 ")).toBeUndefined();
  expect(cleanName("😀".repeat(50))).toBe("😀".repeat(40));
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (input) => {
      const name = cleanName(input);
      if (name === undefined) return;
      expect(cleanName(name)).toBe(name);
      expect([...name].length).toBeLessThanOrEqual(40);
    }),
  );
});

test("U4 a made-up name is a name, with its letters", () => {
  for (const random of [0, 0.5, 0.999]) {
    const name = madeUpName(() => random);
    expect(cleanName(name)).toBe(name);
    expect(initials(name)).toMatch(/^[A-Z]{2}$/);
  }
  expect([initials("ada"), initials("Ada de Lovelace"), initials("")]).toEqual(["A", "AL", "?"]);
});
