import { describe, expect, test } from "bun:test";
import { MemorySessionStore } from "../../src/adapters/memory/session-store.ts";
import { errorName } from "../log/fixture.ts";
import { empty } from "./fixture.ts";
import { sessionStoreContract } from "./session-store.contract.ts";

sessionStoreContract("memory sessions", {
  open: () => Promise.resolve(new MemorySessionStore({ maxSessions: 100_000 })),
  openSmall: () => Promise.resolve(new MemorySessionStore({ maxSessions: 20 })),
});

describe("memory sessions", () => {
  test("DS20 a session past the bound is refused, one that is there can be made anew", async () => {
    const store = new MemorySessionStore({ maxSessions: 2 });
    for (const id of ["a", "b"]) await store.write(id, [{ kind: "create", user: undefined }]);
    const write = store.write("c", [
      { kind: "note", text: "x" },
      { kind: "create", user: undefined },
    ]);
    expect(await errorName(write)).toBe("SessionsUnavailable");
    await store.write("c", [{ kind: "note", text: "x" }]);
    await store.write("a", [{ kind: "delete" }, { kind: "create", user: "ann" }]);
    await store.write("b", [{ kind: "create", user: "bob" }]);
    expect([await store.load("a"), await store.load("b")]).toEqual([empty("ann"), empty("bob")]);
    expect(await store.count()).toBe(2);
  });
});
