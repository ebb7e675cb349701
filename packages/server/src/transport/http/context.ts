import type { Server } from "bun";
import type { Bus } from "../../cluster/bus.ts";
import type { Nodes } from "../../cluster/nodes.ts";
import type { Stream } from "../../log/stream.ts";
import type { Services } from "../../session/services.ts";
import type { Admission } from "../admission.ts";
import type { Callers } from "./callers.ts";
import type { Readiness } from "./readiness.ts";
import type { SseCodec } from "./sse/codec.ts";
import type { Heartbeats } from "./sse/heartbeats.ts";

/** What the API needs of the server it is mounted on. */
export type HttpServer = Pick<Server<unknown>, "requestIP" | "timeout">;

export interface HttpParts {
  readonly services: Services;
  /** Streams count as connections; single requests do not. */
  readonly admission: Pick<Admission, "enter" | "leave">;
  /** Every log of the node, for readiness. */
  readonly streams: readonly Stream[];
  /** Largest body, in bytes. */
  readonly maxBody: number;
  readonly allowedOrigins: readonly string[];
  readonly trustProxy: boolean;
  /** Milliseconds between two signs of life on a quiet stream. */
  readonly heartbeat: number;
  readonly cluster: ClusterView;
  /** Whether there is no authentication at all, so that nobody could show that they may more than others. */
  readonly isOpen: boolean;
  /** The text for Prometheus; undefined where metrics are switched off. */
  readonly metrics: (() => Promise<string>) | undefined;
  /** From 0 to 1. */
  readonly random: () => number;
}

/** What this node knows of its cluster. */
export interface ClusterView {
  readonly nodes: Nodes;
  /** Undefined for a gateway alone. */
  readonly bus: Pick<Bus, "probe"> | undefined;
  /** Whether it can reach the others; `none` for a gateway alone. */
  readonly busState: "up" | "down" | "none";
}

/** The parts, and what lives as long as the API. */
export interface Context extends HttpParts {
  readonly callers: Callers;
  readonly readiness: Readiness;
  readonly heartbeats: Heartbeats;
  readonly sseCodec: SseCodec;
}

/** One request. */
export interface Call {
  readonly context: Context;
  readonly request: Request;
  readonly server: HttpServer;
  /** What stands after the `?`, as it came. */
  readonly query: string;
}

export type Method = "GET" | "POST";

export interface Route {
  readonly method: Method;
  readonly path: string;
  /** Whether HEAD is answered, with the headers of GET. */
  readonly head: boolean;
  /** Throws what `errorResponse` makes an answer of. */
  readonly handle: (call: Call) => Response | Promise<Response>;
}
