/** How one server's protocol says what the load needs: JSON objects, several in a frame split by newlines. */
export interface Dialect {
  readonly name: "tidegate" | "plain";
  /** Path of the WebSocket. */
  readonly path: string;
  readonly subprotocol: string | undefined;
  /** The first command, if the protocol has one. */
  connect(id: number, token: string | undefined): string | undefined;
  subscribe(id: number, topic: string): string;
  /** `data` is JSON text. */
  publish(id: number, topic: string, data: string): string;
  /** What follows `{"id":…` in the reply to a publish that went well. */
  readonly published: string;
}
