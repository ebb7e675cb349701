import { describe, expect, test } from "bun:test";
import { connect } from "node:net";
import type { Stored } from "@tidegate/protocol";
import { Callers } from "../../src/transport/http/callers.ts";
import { jsonItems } from "../../src/transport/http/json-items.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { errorOf, post, publish, startNode } from "./harness.ts";
import { ADMIN, ANONYMOUS, authenticated, tokenOf } from "./who.ts";
import { until } from "../support/until.ts";

const node = await startNode({ env: { HTTP_MAX_BODY: "4KB" } });
const url = `${node.url}/v1/publish`;

async function storedIn(topic: string): Promise<readonly Stored[]> {
  return (await node.gateway.services.streamOf("chat").log.latest({ topic, limit: 100 })).messages;
}

describe("one message", () => {
  test("H10 the answer is the position at which it is stored", async () => {
    const { epoch, offset, duplicate } = await publish(node, { topic: "chat/h10", data: { a: 1 } });
    const [stored] = await storedIn("chat/h10");
    expect(duplicate).toBe(false);
    expect([stored?.offset, node.gateway.services.streamOf("chat").log.epoch]).toEqual([offset, epoch]);
  });

  test("H10 nothing is answered before the log has stored it", async () => {
    const other = await startNode();
    const { log } = other.gateway.services.streamOf("chat");
    const append = log.append.bind(log);
    let asked = false;
    const { promise, resolve } = Promise.withResolvers<void>();
    log.append = async (messages) => {
      asked = true;
      await promise;
      return append(messages);
    };
    let answered = false;
    const answer = post(`${other.url}/v1/publish`, { topic: "chat/a", text: "x" }).then((response) => {
      answered = true;
      return response;
    });
    await until(() => asked);
    expect(answered).toBe(false);
    resolve();
    expect((await answer).status).toBe(200);
  });

  test("H10 what the log could not store is a 503", async () => {
    const other = await startNode();
    await other.gateway.services.streamOf("chat").log.close();
    const response = await post(`${other.url}/v1/publish`, { topic: "chat/a", text: "x" });
    expect(response.status).toBe(503);
    expect((await errorOf(response)).reason).toBe("unavailable");
  });

  test("H11 payloads stay as they came", async () => {
    await publish(node, '{"topic":"chat/h11","data":{"id":\n 12345678901234567890, "x":1e400}}');
    await publish(node, { topic: "chat/h11", text: "a\nb\r\u2028\u{1f600}" });
    await publish(node, { topic: "chat/h11", base64: "AAEC/w==" });
    const [json, text, binary] = (await storedIn("chat/h11")).map(({ message }) => message.payload);
    expect(json?.text).toBe('{"id":  12345678901234567890, "x":1e400}');
    expect(text?.text).toBe("a\nb\r\u2028\u{1f600}");
    expect([...(binary?.bytes ?? [])]).toEqual([0, 1, 2, 255]);
  });

  test("H12 the same message id is stored once", async () => {
    const body = { topic: "chat/h12", text: "x", messageId: "m" };
    const [first, second] = [await publish(node, body), await publish(node, body)];
    expect(second).toEqual({ ...first, duplicate: true });
    expect(await storedIn("chat/h12")).toHaveLength(1);
  });

  test("H17 the message says where it came from", async () => {
    const other = await startNode(authenticated());
    const token = await tokenOf("alice");
    await post(`${other.url}/v1/publish`, { topic: "chat/a", text: "x" }, { Authorization: `Bearer ${token}` });
    await post(`${other.url}/v1/publish`, { topic: "chat/a", text: "x" }, { "X-API-Key": ADMIN });
    const { messages } = await other.gateway.services.streamOf("chat").log.latest({ topic: "chat/a", limit: 2 });
    expect(messages.map(({ message }) => [message.origin, message.from])).toEqual([
      ["http", "alice"],
      ["http", undefined],
    ]);
  });
});

describe("many messages", () => {
  test("H13 answers in the order of the array, errors among them", async () => {
    const body = [
      { topic: "chat/h13", data: 12345678901234 },
      { topic: "chat/h13", text: "a", base64: "" },
      7,
      { topic: "chat/h13", text: 'b"],[' },
    ];
    const response = await post(url, body);
    expect(response.status).toBe(200);
    const results = (await response.json()) as Record<string, unknown>[];
    expect(results.map((each) => Object.keys(each)[0])).toEqual(["epoch", "error", "error", "epoch"]);
    expect((await storedIn("chat/h13")).map(({ message }) => message.payload.text)).toEqual([
      "12345678901234",
      'b"],[',
    ]);
    const [first, , , last] = results as { readonly offset: number }[];
    expect(last?.offset).toBe((first?.offset ?? 0) + 1);
  });

  test("H13 a high priority is stored first, and answered in its place", async () => {
    const response = await post(url, [
      { topic: "chat/h13p", text: "normal" },
      { topic: "chat/h13p", text: "high", priority: "high" },
    ]);
    const [normal, high] = (await response.json()) as { readonly offset: number }[];
    expect(high?.offset).toBeLessThan(normal?.offset ?? 0);
  });

  test("H13 none and too many", async () => {
    expect(await (await post(url, [])).json()).toEqual([]);
    const response = await post(url, `[${"1,".repeat(1000)}1]`);
    expect(response.status).toBe(400);
    expect((await errorOf(response)).message).toContain("at most 1000");
  });

  test("H13 items are cut out of an array as they are written", () => {
    expect(jsonItems(' [ {"a":[1,2]} ,"x,]\\",", 1e3,[ ] ] ')).toEqual([' {"a":[1,2]} ', '"x,]\\","', " 1e3", "[ ] "]);
    expect(jsonItems("[ \n ]")).toEqual([]);
  });
});

describe("bodies", () => {
  const large = JSON.stringify({ topic: "chat/large", text: "x".repeat(5000) });

  /** A chunk larger than the limit. */
  const CHUNK = `1800\r\n"${"x".repeat(0x17ff)}\r\n`;

  /** The answer to a request whose body has not ended. */
  function begun(length: string, part: string): Promise<string> {
    const head = `POST /v1/publish HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n${length}\r\n\r\n`;
    return new Promise((resolve, reject) => {
      const socket = connect(node.server.port ?? 0, "127.0.0.1", () => socket.write(head + part));
      socket.once("data", (data) => {
        socket.destroy();
        resolve(data.toString());
      });
      socket.on("error", reject);
    });
  }

  test("H14 a body over the limit is a 413", async () => {
    const response = await post(url, large);
    expect(response.status).toBe(413);
    expect((await errorOf(response)).reason).toBe("too_large");
  });

  test("H14 also if it does not say its length", async () => {
    const body = new ReadableStream({
      start(controller) {
        for (let at = 0; at < large.length; at += 1000)
          controller.enqueue(new TextEncoder().encode(large.slice(at, at + 1000)));
        controller.close();
      },
    });
    const headers = { "Content-Type": "application/json" };
    expect((await fetch(url, { method: "POST", body, headers })).status).toBe(413);
  });

  test("H14 it is not read to its end", async () => {
    // The end of the body is never sent.
    expect(await begun("Transfer-Encoding: chunked", CHUNK)).toStartWith("HTTP/1.1 413");
    expect(await begun("Content-Length: 4097", "")).toStartWith("HTTP/1.1 413");
  });

  test("H14 a length that the chunks do not keep is not believed", async () => {
    expect(await begun("Content-Length: 5\r\nTransfer-Encoding: chunked", CHUNK)).toMatch(/^HTTP\/1.1 4(00|13)/);
  });

  test.each([
    ["no type", "{}", { "Content-Type": "" }, "Content-Type"],
    ["another type", "{}", { "Content-Type": "text/plain" }, "Content-Type"],
    ["a type that only begins so", "{}", { "Content-Type": "application/jsonx" }, "Content-Type"],
    ["compressed", "{}", { "Content-Encoding": "gzip" }, "Content-Encoding"],
    ["nothing", "", {}, "the body is empty"],
    ["no JSON", "{topic:1}", {}, "the body is not JSON"],
    ["two values", "{}{}", {}, "the body is not JSON"],
    ["an end of the command", '{}, "id": 5', {}, "the body is not JSON"],
  ])("H15 %s is refused", async (_, body, headers, message) => {
    const response = await post(url, body, headers as Record<string, string>);
    expect(response.status).toBe(400);
    expect((await errorOf(response)).message).toContain(message);
  });

  test("H15 what is not UTF-8 is refused", async () => {
    const body = new Uint8Array([0x22, 0xc3, 0x28, 0x22]);
    const response = await fetch(url, { method: "POST", body, headers: { "Content-Type": "application/json" } });
    expect((await errorOf(response)).message).toBe("the body is not valid UTF-8");
  });

  test("H15 a charset beside the type is fine", async () => {
    const type = { "Content-Type": "application/json; charset=utf-8" };
    expect((await post(url, { topic: "chat/a", text: "x" }, type)).status).toBe(200);
  });
});

describe("rates", () => {
  test("H16 each user, key and address has its own", async () => {
    const env = { CONNECTIONS_PUBLISH_RATE: "1", CONNECTIONS_PUBLISH_BURST: "2", HTTP_TRUST_PROXY: "true" };
    const setting = authenticated();
    const other = await startNode({ ...setting, env: { ...setting.env, ...env } });
    const send = async (headers: Record<string, string>) =>
      (await post(`${other.url}/v1/publish`, { topic: "chat/a", text: "x" }, headers)).status;
    const [alice, bob] = [await tokenOf("alice"), await tokenOf("bob")];
    for (const headers of [
      { Authorization: `Bearer ${alice}` },
      { Authorization: `Bearer ${bob}` },
      { "X-API-Key": ADMIN },
    ])
      expect([await send(headers), await send(headers), await send(headers)]).toEqual([200, 200, 429]);
  });

  test("H16 anonymous clients are told apart by their address", async () => {
    const env = { CONNECTIONS_PUBLISH_RATE: "1", CONNECTIONS_PUBLISH_BURST: "1", HTTP_TRUST_PROXY: "true" };
    const other = await startNode({ env });
    const send = async (address: string) =>
      (await post(`${other.url}/v1/publish`, { topic: "chat/a", text: "x" }, { "X-Forwarded-For": address })).status;
    expect([await send("10.0.0.1"), await send("10.0.0.1"), await send("10.0.0.2")]).toEqual([200, 429, 200]);
  });

  test("H16 the callers remembered are bounded, and who was used last stays", () => {
    const callers = new Callers({ clock: new FakeClock(), burst: 5, limit: 3 });
    callers.of(ANONYMOUS, "1").tokens = 0;
    for (const address of ["2", "1", "3", "4"]) callers.of(ANONYMOUS, address);
    expect(callers.size).toBe(3);
    expect(callers.of(ANONYMOUS, "1").tokens).toBe(0);
    expect(callers.of(ANONYMOUS, "2").tokens).toBe(5);
  });
});
