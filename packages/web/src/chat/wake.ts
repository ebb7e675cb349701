/** Wakes the client when the network or the page comes back, and when the person asks for it. */
export class Wake {
  readonly #listeners = new Set<() => void>();

  constructor(page: Window) {
    page.addEventListener("online", () => this.now());
    page.addEventListener("pageshow", () => this.now());
    page.document.addEventListener("visibilitychange", () => {
      if (!page.document.hidden) this.now();
    });
  }

  readonly listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  now(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
