import type { Socket } from "bun";
import { type Endpoint, sourceOf } from "./endpoint.ts";
import { type Member, SECURE_EVENTS, SOCKET_EVENTS } from "./member.ts";

export interface Dialing {
  /** Source addresses, taken in turn. */
  readonly sources: readonly string[];
  /** Take any certificate. */
  readonly insecure: boolean;
}

/** Makes a connection for the member, over TLS where the address asks for it: its driver begins on it, or it fails. */
export function dial(member: Member, endpoint: Endpoint, { sources, insecure }: Dialing): void {
  const localAddress = sourceOf(endpoint, member.crowd.plan.first + member.number, sources);
  const { hostname, port, secure } = endpoint;
  const { due } = member;
  const options = {
    ...{ hostname, port, data: member },
    ...(secure ? { socket: SECURE_EVENTS, tls: { rejectUnauthorized: !insecure } } : { socket: SOCKET_EVENTS }),
    // Bun takes it, its types do not name it yet.
    ...(localAddress === undefined ? {} : { localAddress }),
  };
  const connecting: Promise<Socket<Member>> = Bun.connect<Member>(options);
  connecting.catch((error: unknown) => {
    // It may have been given up meanwhile, and another attempt be under way.
    if (member.state === "away" || member.socket !== undefined || member.due !== due) return;
    const from = localAddress === undefined ? "" : ` from ${localAddress}`;
    member.fail("refused", `${reasonOf(error)}, ${hostname} port ${port}${from}`);
  });
}

/** `Failed to connect (ECONNREFUSED)`: without its code an error of the system says little. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error ? String(error.code) : "";
  return code === "" || error.message.includes(code) ? error.message : `${error.message} (${code})`;
}
