import { randomBytes } from "node:crypto";
import { hostAgent } from "../engine/host.ts";
import type { Link, Order, Report } from "../engine/orders.ts";
import { isProof, proofOf } from "./secret.ts";
import { LINK_EVENTS, type LinkHolder, SocketLink } from "./socket-link.ts";

/** Milliseconds for a caller to show that it knows the secret. */
const PROVE = 5000;

/** First line of the agent, the master's answer, and the agent's. */
export interface Challenge {
  readonly load: 1;
  readonly challenge: string;
}
export interface Proof {
  readonly proof: string;
  readonly challenge?: string;
}

export interface AgentServer {
  readonly port: number;
  /** Resolves when the first master that proved itself has gone. */
  readonly served: Promise<void>;
  /** Whether a master is there. */
  readonly busy: boolean;
  stop(): void;
}

/**
 * An agent that waits for masters, one at a time. The link is not encrypted: it belongs into a network that one trusts, or
 * into a tunnel. Throws if the address cannot be listened on.
 */
export function serveAgent(address: { hostname: string; port: number }, secret: string): AgentServer {
  const served = Promise.withResolvers<void>();
  let busy = false;
  const listener = Bun.listen<LinkHolder>({
    ...address,
    socket: {
      ...LINK_EVENTS,
      open: (socket) => {
        const link = new SocketLink<unknown, unknown>(socket);
        socket.data = { link };
        if (busy) {
          link.send({ report: "failed", text: "this agent works for another master" });
          return link.close();
        }
        admit(link, secret, {
          begin: () => (busy = true),
          end: () => {
            busy = false;
            served.resolve();
          },
        });
      },
    },
  });
  return {
    port: listener.port,
    served: served.promise,
    get busy() {
      return busy;
    },
    stop: () => listener.stop(true),
  };
}

function admit(
  link: Link<unknown, unknown>,
  secret: string,
  on: { readonly begin: () => void; readonly end: () => void },
): void {
  const challenge = randomBytes(16).toString("hex");
  const timer = setTimeout(() => link.close(), PROVE);
  link.onEnd = () => clearTimeout(timer);
  link.onMessage = (message) => {
    clearTimeout(timer);
    const { proof, challenge: theirs } = (message ?? {}) as Partial<Proof>;
    if (typeof theirs !== "string" || !isProof(proof, secret, "master", challenge)) {
      link.send({ report: "failed", text: "the secret is another one" });
      return link.close();
    }
    link.send({ proof: proofOf(secret, "agent", theirs) } satisfies Proof);
    on.begin();
    hostAgent(link as Link<Report, Order>, () => performance.now() * 1000);
    const { onEnd } = link;
    link.onEnd = (reason) => {
      onEnd?.(reason);
      on.end();
    };
  };
  link.send({ load: 1, challenge } satisfies Challenge);
}
