/** Topic aliases that the server gives: the first topics of a connection get them, and keep them. [MQTT 5, 3.3.2.3.4] */
export class AliasesOut {
  readonly #max: number;
  readonly #aliases = new Map<string, number>();

  constructor(max: number) {
    this.#max = max;
  }

  /** What a packet says of the topic: its name and an alias for it, or only the alias once the client knows it. */
  of(topic: string): { readonly topic: string; readonly alias: number | undefined } {
    const known = this.#aliases.get(topic);
    if (known !== undefined) return { topic: "", alias: known };
    if (this.#aliases.size >= this.#max) return { topic, alias: undefined };
    this.#aliases.set(topic, this.#aliases.size + 1);
    return { topic, alias: this.#aliases.size };
  }
}

/** Topic aliases that the client has set; a map is made for the first one. */
export class AliasesIn {
  readonly #topics = new Map<number, string>();

  /** The topic that is meant; undefined if the alias was never set. */
  resolve(topic: string, alias: number): string | undefined {
    if (topic === "") return this.#topics.get(alias);
    this.#topics.set(alias, topic);
    return topic;
  }
}
