/** What NATS sent to one gateway, over all of its connections. */
export interface Sent {
  readonly messages: number;
  readonly bytes: number;
}

interface Connz {
  readonly connections: readonly {
    readonly authorized_user?: string;
    readonly out_msgs: number;
    readonly out_bytes: number;
  }[];
}

/** Counts at the NATS server what it sends to each gateway: they come as users of their own. */
export class Traffic {
  readonly #users: readonly string[];

  constructor(gateways: number) {
    this.#users = Array.from({ length: gateways }, (_, index) => `gateway-${index}`);
  }

  /** Lines for nats-server's configuration. */
  get config(): string {
    const users = this.#users.map((user) => `{ user: "${user}", password: "${PASSWORD}" }`);
    return `authorization { users: [ ${users.join(", ")} ] }`;
  }

  urlOf = (index: number, url: string): string => url.replace("nats://", `nats://${this.#users[index]}:${PASSWORD}@`);

  /** Begins to count; what it returns says what came since. */
  async count(monitor: string): Promise<() => Promise<readonly Sent[]>> {
    const before = await this.#all(monitor);
    return async () => {
      const after = await this.#all(monitor);
      return after.map(({ messages, bytes }, i) => ({
        messages: messages - (before[i]?.messages ?? 0),
        bytes: bytes - (before[i]?.bytes ?? 0),
      }));
    };
  }

  async #all(monitor: string): Promise<readonly Sent[]> {
    const { connections } = (await (await fetch(`${monitor}/connz?auth=true`)).json()) as Connz;
    return this.#users.map((user) => {
      const own = connections.filter(({ authorized_user }) => authorized_user === user);
      const sum = (key: "out_msgs" | "out_bytes"): number => own.reduce((total, each) => total + each[key], 0);
      return { messages: sum("out_msgs"), bytes: sum("out_bytes") };
    });
  }
}

const PASSWORD = "only-for-this-test";
