import { Database } from "bun:sqlite";
import { afterAll, expect, test } from "bun:test";
import { KEEP_ALL, message, MINUTE } from "./fixture.ts";
import { ManualClock } from "./manual-clock.ts";
import { TempLogs } from "./temp-logs.ts";

const temp = new TempLogs();
afterAll(() => temp.remove());

const TOPICS = 30;
const EACH = 1300;
const RETENTION = { ...KEEP_ALL, size: 10 };

/** What the file holds: rows of messages and of their index, and index rows without a message. */
function rowsOf(path: string): { messages: number; index: number; orphans: number } {
  const db = new Database(path, { readonly: true });
  const count = (sql: string): number => db.query<{ n: number }, []>(`SELECT count(*) AS n FROM ${sql}`).get()?.n ?? 0;
  const found = {
    messages: count("messages"),
    index: count("by_topic"),
    orphans: count("by_topic b WHERE NOT EXISTS (SELECT 1 FROM messages m WHERE m.offset = b.offset)"),
  };
  db.close();
  return found;
}

/** The first message of each topic is a retained value, the second has a message id. */
async function fill(path: string, clock: ManualClock): Promise<void> {
  const log = await temp.open({ path, clock, retention: () => RETENTION });
  for (let n = 0; n < EACH; n++)
    await log.append(
      Array.from({ length: TOPICS }, (_, topic) =>
        message(`t/${topic}`, String(n), { time: clock.now(), retain: n === 0, id: n === 1 ? "m" : undefined }),
      ),
    );
  await log.close();
}

test("L58 a trim leaves what is in sight, retained or in the message-id window, and nothing else", async () => {
  const path = temp.path();
  const clock = new ManualClock();
  await fill(path, clock);
  const log = await temp.open({ path, clock, retention: () => RETENTION });
  await log.trim();
  expect(rowsOf(path)).toEqual({ messages: TOPICS * 12, index: TOPICS * 12, orphans: 0 });
  clock.advance(3 * MINUTE);
  await log.trim();
  expect(rowsOf(path)).toEqual({ messages: TOPICS * 11, index: TOPICS * 11, orphans: 0 });
  expect((await log.retained("t/7", 1))[0]?.message.payload.text).toBe("0");
});

test("L58 a trim clears the index of what an earlier one removed before the process ended", async () => {
  const path = temp.path();
  const clock = new ManualClock();
  await fill(path, clock);
  const first = await temp.open({ path, clock, retention: () => RETENTION });
  await first.trim();
  await first.close();
  const db = new Database(path);
  db.run("INSERT INTO by_topic SELECT id, 60 + id FROM topics");
  db.close();
  expect(rowsOf(path).orphans).toBe(TOPICS);
  const log = await temp.open({ path, clock, retention: () => RETENTION });
  await log.trim();
  expect(rowsOf(path)).toEqual({ messages: TOPICS * 12, index: TOPICS * 12, orphans: 0 });
});
