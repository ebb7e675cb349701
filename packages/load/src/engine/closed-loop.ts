import type { Crowd } from "./crowd.ts";
import type { Member } from "./member.ts";
import type { PublishSpec } from "../scenario-file/table.ts";

/** Each member keeps a window of publishes without an answer; after an answer it thinks, and sends the next. */
export class ClosedLoop {
  readonly #crowd: Crowd;
  readonly #spec: PublishSpec;
  #running = false;

  constructor(crowd: Crowd, spec: PublishSpec) {
    this.#crowd = crowd;
    this.#spec = spec;
    crowd.onReady = (member) => this.#fill(member);
    crowd.onAck = (member) => this.#think(member);
  }

  run(running: boolean): void {
    if (running === this.#running) return;
    this.#running = running;
    for (const member of this.#crowd.members) this.#fill(member);
  }

  #fill(member: Member): void {
    if (!this.#running || member.state !== "ready") return;
    for (let due = (this.#spec.window ?? 1) - (member.unanswered?.size ?? 0); due > 0; due--) this.#send(member);
  }

  #think(member: Member): void {
    const { min, max } = this.#spec.think;
    if (max === 0) return this.#send(member);
    const { clock, wheel } = this.#crowd.around;
    const pause = (min + this.#crowd.random() * (max - min)) * 1000;
    wheel.at(clock.micros() + pause, () => this.#send(member));
  }

  #send(member: Member): void {
    if (this.#running && member.state === "ready" && (member.unanswered?.size ?? 0) < (this.#spec.window ?? 1))
      this.#crowd.publishing.publish(member, this.#crowd.around.clock.micros());
  }
}
