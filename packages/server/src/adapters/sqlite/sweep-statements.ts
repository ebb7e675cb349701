import type { Database } from "bun:sqlite";

export interface TopicRow {
  readonly id: number;
  readonly name: string;
  readonly floor: number;
  readonly retained: number;
  readonly swept: number;
  readonly kept: number;
}

export function sweepStatements(db: Database) {
  return {
    topics: db.prepare<TopicRow, [number, number]>("SELECT * FROM topics WHERE id > ? ORDER BY id LIMIT ?"),
    topic: db.prepare<TopicRow, [number]>("SELECT * FROM topics WHERE id = ?"),
    beyond: db.prepare<{ offset: number }, [number, number, number]>(
      "SELECT offset FROM by_topic WHERE topic = ? AND offset > ? ORDER BY offset DESC LIMIT 1 OFFSET ?",
    ),
    aged: db.prepare<{ offset: number; at: number }, [number, number, number]>(
      `SELECT m.offset, m.time + m.lag AS at FROM by_topic b CROSS JOIN messages m ON m.offset = b.offset
       WHERE b.topic = ? AND b.offset > ? ORDER BY b.offset LIMIT ?`,
    ),
    removable: db.prepare<{ offset: number }, [number, number, number, number, number]>(
      `SELECT m.offset FROM by_topic b CROSS JOIN messages m ON m.offset = b.offset
       WHERE b.topic = ?1 AND b.offset <= ?2 AND b.offset <> ?3 AND (m.id IS NULL OR m.time + m.lag <= ?4) LIMIT ?5`,
    ),
    oldest: db.prepare<{ offset: number; topic: number; name: string; size: number }, [number]>(
      `SELECT m.offset, m.topic, t.name, length(m.payload) AS size FROM messages m CROSS JOIN topics t ON t.id = m.topic
       WHERE m.offset <> t.retained ORDER BY m.offset LIMIT ?`,
    ),
    idle: db.prepare<{ id: number; name: string; floor: number }, [number]>(
      `SELECT id, name, floor FROM topics t
       WHERE NOT EXISTS (SELECT 1 FROM by_topic b WHERE b.topic = t.id) ORDER BY floor LIMIT ?`,
    ),
    count: db.prepare<{ count: number }, []>("SELECT count(*) AS count FROM topics"),
    raise: db.prepare<unknown, [number, number]>("UPDATE topics SET floor = max(floor, ?) WHERE id = ?"),
    swept: db.prepare<unknown, [number, number, number]>("UPDATE topics SET swept = ?, kept = ? WHERE id = ?"),
    forget: db.prepare<unknown, [number]>("DELETE FROM topics WHERE id = ?"),
    remove: db.prepare<unknown, [number, number]>("DELETE FROM messages WHERE offset BETWEEN ? AND ?"),
    indexed: db.prepare<{ count: number }, [number, number]>(
      "SELECT count(*) AS count FROM by_topic WHERE topic = ? AND offset <= ?",
    ),
    unindexOne: db.prepare<unknown, [number, number]>("DELETE FROM by_topic WHERE topic = ? AND offset = ?"),
    unindex: db.prepare<unknown, [number, number]>("DELETE FROM by_topic WHERE topic = ? AND offset <= ?"),
    unindexGone: db.prepare<unknown, [number, number]>(
      `DELETE FROM by_topic WHERE topic = ? AND offset <= ?
       AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.offset = by_topic.offset)`,
    ),
  };
}
