const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
const MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

/** Path of a Chromium: the variable CHROMIUM, or the first that this machine has. */
export async function findChromium(env: Readonly<Record<string, string | undefined>>): Promise<string | undefined> {
  if (env["CHROMIUM"] !== undefined && env["CHROMIUM"] !== "") return env["CHROMIUM"];
  for (const name of NAMES) {
    const path = Bun.which(name);
    if (path !== null) return path;
  }
  return (await Bun.file(MAC).exists()) ? MAC : undefined;
}

export const HOW_TO_GET_CHROMIUM =
  "No Chromium found. Debian: apt-get install chromium. Elsewhere: install Chromium or Chrome, or set CHROMIUM to its path.";
