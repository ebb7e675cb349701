/** Builds the JSON of messages: topics with who is there and who is not, up to a length. */
export class NewsWriter {
  readonly #limit: number;
  /** Finished topics. */
  #topics: string[] = [];
  #length = 0;
  #open: OpenTopic | undefined = undefined;

  /** `limit`: characters from which on a body is full. It may be longer by what was added last. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  get isFull(): boolean {
    return this.#length >= this.#limit;
  }

  present(topic: string, grace: number, member: PresentMember): void {
    const { user, age, info } = member;
    this.#add(this.#of(topic, grace).present, JSON.stringify(info === undefined ? [user, age] : [user, age, info]));
  }

  gone(topic: string, user: string): void {
    this.#add(this.#of(topic, undefined).gone, JSON.stringify(user));
  }

  /** What was added since the last call. */
  take(): string {
    this.#close();
    const body = `[${this.#topics.join(",")}]`;
    this.#topics = [];
    this.#length = 0;
    return body;
  }

  /** Who is not there needs no grace time. */
  #of(topic: string, grace: number | undefined): OpenTopic {
    const open = this.#open;
    if (open?.topic === topic && (grace === undefined || (open.grace ??= grace) === grace)) return open;
    this.#close();
    this.#length += topic.length;
    return (this.#open = { topic, grace, present: [], gone: [] });
  }

  #add(list: string[], json: string): void {
    list.push(json);
    this.#length += json.length + 1;
  }

  #close(): void {
    if (this.#open === undefined) return;
    const { topic, grace, present, gone } = this.#open;
    this.#topics.push(`[${JSON.stringify(topic)},${grace ?? 0},[${present.join(",")}],[${gone.join(",")}]]`);
    this.#open = undefined;
  }
}

export interface PresentMember {
  readonly user: string;
  /** Milliseconds since it entered. */
  readonly age: number;
  readonly info: string | undefined;
}

interface OpenTopic {
  readonly topic: string;
  grace: number | undefined;
  readonly present: string[];
  readonly gone: string[];
}
