import { describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { ERRORS } from "@tidegate/protocol";
import { splitTarget } from "../../src/transport/http/target.ts";
import { errorOf, post, startNode, type ErrorBody } from "./harness.ts";

const node = await startNode();

/** A request as it is written, with what no client library would send. */
function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(node.server.port ?? 0, "127.0.0.1", () => socket.write(text));
    socket.on("data", (data) => {
      answer += data.toString();
      if (answer.includes("\r\n\r\n")) socket.end();
    });
    socket.on("close", () => resolve(answer));
    socket.on("error", reject);
  });
}

describe("paths", () => {
  test.each(["/v1", "/v1/", "/v1/publish/", "/v1/histroy", "/v1/%70ublish", "/health", "/health/", "/v1//publish"])(
    "H1 %s is a 404 that lists the paths",
    async (path) => {
      const response = await fetch(node.url + path);
      expect(response.status).toBe(404);
      const { reason, message } = await errorOf(response);
      expect(reason).toBe("not_found");
      expect(message).toContain("/v1/publish, /v1/subscribe, /v1/history");
    },
  );

  test("H1 what is not the API's is left to others", async () => {
    for (const path of ["/", "/ws", "/v10", "/healthy", "/metrics/x"]) {
      const response = await fetch(node.url + path);
      // The harness answers these with `notFound`.
      expect([path, response.status]).toEqual([path, 404]);
    }
  });

  test("H1 a host that is no host changes nothing", async () => {
    expect(await raw("GET /v1/history?topic=a/b HTTP/1.1\r\nHost: a b<>\r\n\r\n")).toStartWith("HTTP/1.1 200");
    expect(await raw("GET /v1/history?topic=a/b HTTP/1.0\r\n\r\n")).toStartWith("HTTP/1.1 200");
    expect(await raw("GET http://other/v1/history?topic=a/b HTTP/1.1\r\nHost: a\r\n\r\n")).toStartWith("HTTP/1.1 200");
  });

  test("H1 the target is split as it came", () => {
    expect(splitTarget("http://a:1/x/y?p=%zz?q")).toEqual({ path: "/x/y", query: "p=%zz?q" });
    expect(splitTarget("/x?p")).toEqual({ path: "/x", query: "p" });
    expect(splitTarget("http://a")).toEqual({ path: "/", query: "" });
  });
});

describe("methods", () => {
  test.each([
    ["PUT", "/v1/publish", "POST, OPTIONS"],
    ["GET", "/v1/publish", "POST, OPTIONS"],
    ["HEAD", "/v1/publish", "POST, OPTIONS"],
    ["HEAD", "/v1/subscribe?topic=a", "GET, OPTIONS"],
    ["DELETE", "/v1/history?topic=a", "GET, HEAD, OPTIONS"],
    ["POST", "/health/live", "GET, HEAD, OPTIONS"],
  ])("H2 %s %s is a 405", async (method, path, allow) => {
    const response = await fetch(node.url + path, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe(allow);
    if (method !== "HEAD") expect((await errorOf(response)).reason).toBe("method_not_allowed");
  });

  test("H2 a method that nobody knows is refused", async () => {
    expect(await raw("TRACE /v1/history HTTP/1.1\r\nHost: a\r\n\r\n")).toStartWith("HTTP/1.1 405");
    expect(await raw("BREW /v1/history HTTP/1.1\r\nHost: a\r\n\r\n")).not.toContain(" 200 ");
  });

  test("H2 OPTIONS tells the methods", async () => {
    const response = await fetch(`${node.url}/v1/history`, { method: "OPTIONS" });
    expect([response.status, response.headers.get("allow")]).toEqual([204, "GET, HEAD, OPTIONS"]);
  });

  test("H2 HEAD is GET without a body", async () => {
    const url = `${node.url}/v1/history?topic=a/b`;
    const [head, get] = [await fetch(url, { method: "HEAD" }), await fetch(url)];
    expect([head.status, await head.text()]).toEqual([200, ""]);
    expect(head.headers.get("content-type")).toBe(get.headers.get("content-type"));
    await get.text();
  });
});

describe("errors", () => {
  test("H3 an error has the shape and the status of its code", async () => {
    const response = await fetch(`${node.url}/v1/history`);
    const { error } = (await response.json()) as ErrorBody;
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.status).toBe(ERRORS.invalid_argument.status);
    expect(error).toEqual({
      code: ERRORS.invalid_argument.code,
      reason: "invalid_argument",
      message: "history.topic: it is missing",
      temporary: false,
    });
  });

  test("H4 temporary errors say when to try again", async () => {
    const slow = await startNode({ env: { CONNECTIONS_PUBLISH_RATE: "1", CONNECTIONS_PUBLISH_BURST: "1" } });
    const send = () => post(`${slow.url}/v1/publish`, { topic: "a/b", text: "x" });
    expect((await send()).status).toBe(200);
    const limited = await send();
    expect([limited.status, limited.headers.get("retry-after")]).toEqual([429, "1"]);
    const stopping = await startNode({ parts: {} });
    await stopping.gateway.stop();
    const away = await post(`${stopping.url}/v1/publish`, { topic: "a/b", text: "x" });
    expect([away.status, away.headers.get("retry-after")]).toEqual([503, "1"]);
    expect((await errorOf(away)).temporary).toBe(true);
  });

  test("H8 a fault of the server is told as internal, and not how it came", async () => {
    const broken = await startNode({ parts: { metrics: () => Promise.reject(new Error("the secret is 42")) } });
    const response = await fetch(`${broken.url}/metrics`);
    expect([response.status, response.headers.get("retry-after")]).toEqual([500, null]);
    const error = await errorOf(response);
    expect(error.reason).toBe("internal");
    expect(error.message).not.toContain("42");
    expect(broken.gateway.services.counters.errors.get("internal")).toBe(1);
  });
});

describe("parameters", () => {
  test.each([
    ["topic=a&topic=b", "topic: it is there twice"],
    ["topc=a", 'unknown parameter "topc" (did you mean "topic"?); there are topic, after, before, limit'],
    ["topic=%zz", "topic: its percent-encoding is not valid UTF-8"],
    ["topic=%c3%28", "topic: its percent-encoding is not valid UTF-8"],
    ["%zz=1", "a parameter's name: its percent-encoding is not valid UTF-8"],
    ["topic=a&limit=ten", "history.limit: it must be a whole number, not a string"],
    ["topic=a&limit=0", "history.limit: it must be a whole number from 1 to 1000"],
    ["topic=a&limit=1001", "history.limit: it must be a whole number from 1 to 1000"],
    ["topic=a&before=99999999999999999", "history.before: it must be a whole number, not a string"],
    ["topic=a&after=7", "history.after: it must be epoch:offset, such as the id of an event"],
    ["topic=a&after=e:1&before=3", "history: after and before exclude each other"],
    ["topic=a&token=x", 'unknown parameter "token"; there are topic, after, before, limit'],
    ["topic=", "history.topic: it is empty"],
    ["topic", "history.topic: it is empty"],
  ])("H5 %s", async (query, message) => {
    const response = await fetch(`${node.url}/v1/history?${query}`);
    expect(response.status).toBe(400);
    expect((await errorOf(response)).message).toBe(message);
  });

  test("H5 empty parts between & are nothing", async () => {
    expect((await fetch(`${node.url}/v1/history?&topic=a&&limit=1&`)).status).toBe(200);
  });

  test.each(["topic=a/+/b", "topic=+", "topic=+/a", "topic=a/+", "topic=a%2F+%2fb"])(
    "H6 %s is refused: a bare plus is a space",
    async (query) => {
      const response = await fetch(`${node.url}/v1/history?${query}`);
      expect(response.status).toBe(400);
      expect((await errorOf(response)).message).toContain("%2B");
    },
  );

  test("H6 a plus within a level is a space", async () => {
    await post(`${node.url}/v1/publish`, { topic: "chat/two words", text: "x" });
    const response = await fetch(`${node.url}/v1/history?topic=chat/two+words`);
    expect(await response.text()).toContain('"topic":"chat/two words"');
  });
});
