import { Payload, type Message } from "@tidegate/protocol";
import type { Cancel } from "../../clock.ts";
import { messageSize, type Publisher } from "../../log/appender.ts";
import type { Services } from "../../session/services.ts";

/** Where brokers tell of themselves, by custom: the standard keeps topics that begin with $ for the server. [MQTT 5, 4.7.2] */
const ROOT = "$SYS/broker";

/** What the server says of itself: figures by the last levels of their topics. */
export type Figures = Readonly<Record<string, string | number>>;

export interface SysParts {
  readonly services: Pick<Services, "clock" | "streamOf" | "logger">;
  /** Milliseconds between two looks; 0: never. */
  readonly interval: number;
  readonly figures: () => Promise<Figures>;
}

/**
 * Publishes the broker's figures as retained values, each when it has changed. They are messages like all others, so
 * that clients of every protocol can read and follow them.
 */
export class SysTopics implements Publisher {
  readonly #parts: SysParts;
  readonly #last = new Map<string, string>();
  #timer: Cancel | undefined;

  constructor(parts: SysParts) {
    this.#parts = parts;
    if (parts.interval > 0) this.#look();
  }

  stop(): void {
    this.#timer?.();
    this.#timer = undefined;
  }

  published(): void {}

  /** The next round tries again. */
  refused(): void {
    this.#last.clear();
  }

  #look(): void {
    const { figures, services, interval } = this.#parts;
    figures()
      .then((found) => this.#publish(found))
      .catch((error: unknown) => services.logger.warn({ err: error }, "the figures of $SYS could not be read"));
    this.#timer = services.clock.after(interval, () => this.#look());
  }

  #publish(figures: Figures): void {
    const { streamOf, clock } = this.#parts.services;
    for (const [name, value] of Object.entries(figures)) {
      const text = String(value);
      if (this.#last.get(name) === text) continue;
      this.#last.set(name, text);
      const message = messageOf(`${ROOT}/${name}`, text, clock.now());
      streamOf("$SYS").appender.submit(message, messageSize(message), this, undefined);
    }
  }
}

function messageOf(topic: string, text: string, time: number): Message {
  const payload = Payload.text(text);
  const common = { id: undefined, from: undefined, headers: undefined, priority: 1, retain: true } as const;
  return { ...common, topic, payload, time, origin: "server" };
}
