import { afterAll } from "bun:test";
import type { SqliteSessionStoreOptions } from "../../src/adapters/sqlite/session-store.ts";
import type { SessionStore } from "../../src/durable/session-store.ts";
import { sessionStoreContract } from "./session-store.contract.ts";
import { TempStores } from "./temp-stores.ts";

const temp = new TempStores();
afterAll(() => temp.remove());

for (const durability of ["process", "power"] as const) {
  const paths = new Map<SessionStore, string>();
  const open = async (path: string, options: Partial<SqliteSessionStoreOptions> = {}): Promise<SessionStore> => {
    const store = await temp.open({ path, durability, ...options });
    paths.set(store, path);
    return store;
  };
  sessionStoreContract(`sqlite sessions, ${durability}`, {
    open: () => open(temp.path()),
    openSmall: () => open(temp.path(), { hardBytes: 1 << 20 }),
    reopen: async (store) => {
      await store.close();
      return open(paths.get(store) ?? "");
    },
  });
}
