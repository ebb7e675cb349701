import { describe, expect, test } from "bun:test";
import { hostname } from "node:os";
import { signToken } from "../../src/auth/index.ts";
import { systemClock } from "../../src/clock.ts";
import { nameAndUrl } from "../../src/gateway/self.ts";
import { ADMIN, errorOf, publish, ROBOT, startNode, type Setting } from "./harness.ts";
import { optionsOf, SECRET } from "../support/gateway.ts";

const KEYS = `[{name: admin, key: ${ADMIN}, admin: true}, {name: robot, key: ${ROBOT}, publish: ["#"]}]`;
const PROTECTED: Setting = { env: { AUTH_JWT_SECRET: SECRET, AUTH_KEYS: KEYS } };

describe("nodes", () => {
  test("H85 a gateway alone lists itself", async () => {
    const node = await startNode({
      env: { CLUSTER_NODE_NAME: "gateway 7", CLUSTER_ADVERTISE: "https://gw-7.example:8443" },
    });
    await publish(node, { topic: "chat/a", data: 1 });
    const response = await fetch(`${node.url}/v1/nodes`);
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    const { nodeId } = node.gateway.services;
    expect(await response.json()).toEqual({
      self: nodeId,
      bus: "none",
      nodes: [
        {
          id: nodeId,
          name: "gateway 7",
          url: "https://gw-7.example:8443/",
          version: "0.0.0",
          startedAt: expect.any(Number),
          draining: false,
          load: {
            connections: 0,
            subscriptions: 0,
            published: expect.any(Number),
            delivered: 0,
            cpu: expect.any(Number),
            memory: expect.any(Number),
            lag: expect.any(Number),
          },
        },
      ],
    });
  });

  test("H85 without settings the name is the host and port, and the URL the one that it listens on", async () => {
    const node = await startNode();
    const { name, url } = node.gateway.cluster.nodes.all[0] ?? { name: "", url: "" };
    expect(url).toBe(node.gateway.url);
    expect(name).toEndWith(`:${new URL(node.gateway.url).port}`);
  });

  test("H85 a gateway that listens on all addresses is known by its host's name", () => {
    const shown = (url: string, advertise?: string): readonly string[] => {
      const options = optionsOf({ env: advertise === undefined ? {} : { CLUSTER_ADVERTISE: advertise } });
      const { name, url: known } = nameAndUrl(options, url);
      return [name, known].map((text) => text.replaceAll(hostname(), "HOST"));
    };
    expect(shown("http://0.0.0.0:8080/")).toEqual(["HOST:8080", "http://HOST:8080/"]);
    expect(shown("https://[::]:8443/")).toEqual(["HOST:8443", "https://HOST:8443/"]);
    expect(shown("http://10.0.0.7:8080/")).toEqual(["HOST:8080", "http://10.0.0.7:8080/"]);
    expect(shown("http://0.0.0.0:8080/", "https://gw.example")).toEqual(["HOST:8080", "https://gw.example/"]);
  });

  test("H86 only an admin may, where there is authentication", async () => {
    const node = await startNode(PROTECTED);
    const ask = (headers: Record<string, string>): Promise<Response> => fetch(`${node.url}/v1/nodes`, { headers });
    expect((await ask({})).status).toBe(401);
    const token = await signToken({ secret: SECRET, sub: "alice" }, systemClock);
    const refused = await ask({ Authorization: `Bearer ${token}` });
    expect(refused.status).toBe(403);
    expect((await errorOf(refused)).message).toContain("admin");
    expect((await ask({ "X-API-Key": ROBOT })).status).toBe(403);
    expect((await ask({ "X-API-Key": ADMIN })).status).toBe(200);
    expect((await fetch(`${node.url}/v1/nodes?all=1`, { headers: { "X-API-Key": ADMIN } })).status).toBe(400);
  });
});
