import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Paths of PEM files. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** An authority of one test, and the certificates that it signs; made by openssl. */
export class Certificates {
  readonly dir: string;

  private constructor(dir: string) {
    this.dir = dir;
  }

  static async make(): Promise<Certificates> {
    const all = new Certificates(await mkdtemp(join(tmpdir(), "tidegate-tls-")));
    await all.#openssl("req -x509 -nodes -days 2 -subj /CN=authority -keyout ca.key -out ca.crt", KEY);
    return all;
  }

  get ca(): string {
    return join(this.dir, "ca.crt");
  }

  /** For 127.0.0.1, signed by the authority, or by itself. */
  async issue(name: string, { selfSigned = false } = {}): Promise<Pair> {
    const signer = selfSigned ? "" : "-CA ca.crt -CAkey ca.key";
    const what = `req -x509 -nodes -days 2 -subj /CN=${name} ${signer} -keyout ${name}.key -out ${name}.crt`;
    await this.#openssl(what, [
      ...KEY,
      "-addext",
      "subjectAltName=IP:127.0.0.1",
      "-addext",
      "basicConstraints=critical,CA:FALSE",
    ]);
    return { cert: join(this.dir, `${name}.crt`), key: join(this.dir, `${name}.key`) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.dir, { recursive: true, force: true });
  }

  async #openssl(command: string, more: readonly string[]): Promise<void> {
    const words = command.split(" ").filter((word) => word !== "");
    const child = Bun.spawn(["openssl", ...words, ...more], { cwd: this.dir, stdout: "ignore", stderr: "pipe" });
    if ((await child.exited) !== 0) throw new Error(`openssl: ${await new Response(child.stderr).text()}`);
  }
}

const KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
