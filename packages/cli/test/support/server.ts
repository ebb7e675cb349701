import { Child } from "./child.ts";
import { TempDir } from "../../../server/test/support/temp-dir.ts";

export interface TestServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly dir: string;
  readonly child: Child;
}

export interface ServerOptions {
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A directory of another server, to start anew on its data; it is not removed then. */
  readonly dir?: string;
}

/** `tidegate serve` as a child process on a free port, with a data directory of its own. */
export async function serve({ flags = [], env = {}, dir: given }: ServerOptions = {}): Promise<TestServer> {
  const own = new TempDir("tidegate-cli");
  const dir = given ?? own.path;
  const base = ["serve", "--http-port", "0", "--drain-spread", "0", "--drain-deadline", "3s"];
  const child = new Child([...base, ...flags], { cwd: dir, env });
  const dispose = async (): Promise<void> => {
    child.kill("SIGKILL");
    await child.finished();
    own.remove();
  };
  const [, url = ""] = await child.sees(/"url":"([^"]+?)\/?"/, "err").catch(async (error: unknown) => {
    await dispose();
    throw error;
  });
  return { url, port: Number(new URL(url).port), dir, child, [Symbol.asyncDispose]: dispose };
}
