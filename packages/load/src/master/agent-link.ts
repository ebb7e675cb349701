import { randomBytes } from "node:crypto";
import { isProof, proofOf } from "../agent/secret.ts";
import type { Challenge, Proof } from "../agent/serve.ts";
import { LINK_EVENTS, type LinkHolder, SocketLink } from "../agent/socket-link.ts";
import type { Link, Order, Report } from "../engine/orders.ts";

/** Milliseconds for an agent to answer. */
const GREET = 5000;

/** An agent cannot be reached, or is not one that knows the secret. */
export class NoAgent extends Error {
  constructor(at: string, reason: string) {
    super(`the agent at ${at}: ${reason}`);
    this.name = "NoAgent";
  }
}

/** Connects to an agent at host:port. Throws `NoAgent`. */
export async function connectAgent(at: string, secret: string): Promise<Link<Order, Report>> {
  const colon = at.lastIndexOf(":");
  const hostname = at.slice(0, colon).replace(/^\[|\]$/g, "");
  const holder: LinkHolder = { link: undefined };
  const greeted = Promise.withResolvers<Link<Order, Report>>();
  const timer = setTimeout(() => greeted.reject(new NoAgent(at, "it does not answer")), GREET);
  try {
    const open = { open: (socket: Bun.Socket<LinkHolder>) => greet(socket, at, secret, greeted) };
    const options = { hostname, port: Number(at.slice(colon + 1)), data: holder, socket: { ...LINK_EVENTS, ...open } };
    await Bun.connect<LinkHolder>(options);
    return await greeted.promise;
  } catch (error) {
    throw error instanceof NoAgent ? error : new NoAgent(at, error instanceof Error ? error.message : String(error));
  } finally {
    clearTimeout(timer);
  }
}

function greet(
  socket: Bun.Socket<LinkHolder>,
  at: string,
  secret: string,
  greeted: PromiseWithResolvers<Link<Order, Report>>,
): void {
  const link = new SocketLink<unknown, unknown>(socket);
  socket.data.link = link;
  const challenge = randomBytes(16).toString("hex");
  const refuse = (reason: string): void => {
    greeted.reject(new NoAgent(at, reason));
    link.close();
  };
  link.onEnd = refuse;
  link.onMessage = (message) => {
    const { challenge: theirs, proof, text } = (message ?? {}) as Partial<Challenge & Proof & { text: string }>;
    if (typeof text === "string") return refuse(text);
    if (typeof theirs === "string") return link.send({ proof: proofOf(secret, "master", theirs), challenge });
    if (!isProof(proof, secret, "agent", challenge)) return refuse("it does not know the secret");
    link.onEnd = undefined;
    link.onMessage = undefined;
    greeted.resolve(link as Link<Order, Report>);
  };
}
