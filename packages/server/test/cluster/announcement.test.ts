import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { decodeAnnouncement, encodeAnnouncement } from "../../src/cluster/announcement.ts";
import { bytes } from "./contract/subject.ts";
import { TestCluster, viewOf } from "./node-bench.ts";

const NODE = { kind: "here", node: viewOf("a") } as const;

test("ND20 what a node says is read as it was said, and more fields and kinds do not matter", () => {
  expect(decodeAnnouncement(encodeAnnouncement(NODE))).toEqual(NODE);
  expect(decodeAnnouncement(encodeAnnouncement({ kind: "bye", id: "a" }))).toEqual({ kind: "bye", id: "a" });
  const more = { ...NODE, since: 1, node: { ...NODE.node, zone: "b", load: { ...NODE.node.load, disk: [1] } } };
  expect(decodeAnnouncement(bytes(JSON.stringify(more)))).toEqual(NODE);
  expect(decodeAnnouncement(bytes('{"kind":"election","term":3}'))).toBeUndefined();
});

test("ND21 every field must be there and right", () => {
  const load = NODE.node.load;
  const wrong: readonly (readonly [unknown, string])[] = [
    [{}, "kind"],
    [{ kind: 1 }, "kind"],
    [[], "the announcement"],
    [null, "the announcement"],
    [{ kind: "here" }, "node"],
    [{ kind: "bye" }, "id"],
    [{ kind: "bye", id: "a.b" }, "id"],
    [{ kind: "bye", id: "x".repeat(65) }, "id"],
    [{ ...NODE, node: { ...NODE.node, id: "" } }, "id"],
    [{ ...NODE, node: { ...NODE.node, name: 1 } }, "name"],
    [{ ...NODE, node: { ...NODE.node, url: "u".repeat(1025) } }, "url"],
    [{ ...NODE, node: { ...NODE.node, draining: "no" } }, "draining"],
    [{ ...NODE, node: { ...NODE.node, startedAt: -1 } }, "startedAt"],
    [{ ...NODE, node: { ...NODE.node, load: { ...load, cpu: "1" } } }, "cpu"],
    [{ ...NODE, node: { ...NODE.node, load: { ...load, lag: null } } }, "lag"],
    [{ ...NODE, node: { ...NODE.node, load: [] } }, "load"],
    [{ ...NODE, more: "x".repeat(17_000) }, "bytes"],
  ];
  for (const [found, field] of wrong) {
    expect(() => decodeAnnouncement(bytes(JSON.stringify(found)))).toThrow(TypeError);
    expect(() => decodeAnnouncement(bytes(JSON.stringify(found)))).toThrow(field);
  }
});

test("ND21 any bytes and any JSON are read, ignored, or refused with a TypeError", () => {
  const tryOne = (payload: Uint8Array): void => {
    try {
      decodeAnnouncement(payload);
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError);
    }
  };
  fc.assert(fc.property(fc.uint8Array(), tryOne));
  fc.assert(fc.property(fc.jsonValue(), (value) => tryOne(bytes(JSON.stringify(value)))));
  const near = fc.record({ kind: fc.constantFrom("hello", "here", "bye"), id: fc.jsonValue(), node: fc.jsonValue() });
  fc.assert(fc.property(near, (value) => tryOne(bytes(JSON.stringify(value)))));
});

test("ND21 malformed announcements change nothing, are counted, and logged at most once a minute", async () => {
  const cluster = new TestCluster();
  const [a] = await cluster.all("a", "b");
  const other = cluster.hub.open();
  for (let n = 0; n < 100; n++) other.publish(["nodes"], bytes("{"));
  other.publish(["nodes"], bytes('{"kind":"election"}'));
  cluster.clock.settle();
  expect(a?.registry.ignored).toBe(100);
  expect(a?.warnings).toEqual(['announcements of nodes are ignored {"count":1,"why":"it is no JSON"}']);
  other.publish(["nodes"], bytes("[]"));
  cluster.clock.advance(60_000);
  expect(a?.warnings[1]).toBe('announcements of nodes are ignored {"count":100,"why":"the announcement is no object"}');
  cluster.clock.advance(600_000);
  expect(a?.warnings.length).toBe(2);
  expect(a?.events).toEqual(["+b"]);
});

test("ND22 more nodes than a cluster may have are ignored; one that goes makes room", async () => {
  const cluster = new TestCluster();
  const [a] = await cluster.all("a");
  const other = cluster.hub.open();
  const say = (id: string): void => other.publish(["nodes"], encodeAnnouncement({ kind: "here", node: viewOf(id) }));
  for (let n = 0; n < 1001; n++) say(`n${n}`);
  cluster.clock.settle();
  expect(a?.registry.all.length).toBe(1001);
  expect(a?.registry.has("n1000")).toBe(false);
  expect(a?.warnings.join()).toContain("there are 1000 other nodes already");
  other.publish(["nodes"], encodeAnnouncement({ kind: "bye", id: "n7" }));
  say("n1000");
  cluster.clock.settle();
  expect(a?.registry.has("n1000")).toBe(true);
});
