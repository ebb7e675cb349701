import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder of a test. It is made when it is first asked for: tests that are left out leave nothing behind. */
export class TempDir implements Disposable {
  readonly #name: string;
  #path: string | undefined;

  /** `name` begins the folder's own. */
  constructor(name: string) {
    this.#name = name;
  }

  get path(): string {
    return (this.#path ??= mkdtempSync(join(tmpdir(), `${this.#name}-`)));
  }

  remove = (): void => {
    if (this.#path !== undefined) rmSync(this.#path, { recursive: true, force: true });
    this.#path = undefined;
  };

  [Symbol.dispose](): void {
    this.remove();
  }
}
