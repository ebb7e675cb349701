/**
 * Runs a program that writes a line for each thing it has done, kills it at once when it has written `lines` of them, and gives
 * every whole line, split at its space. Throws if it ends before.
 */
export async function linesOfKilled(program: string, args: readonly string[], lines: number): Promise<string[][]> {
  const child = Bun.spawn([process.execPath, program, ...args], { stdout: "pipe", stderr: "inherit" });
  let text = "";
  let seen = 0;
  const decoder = new TextDecoder();
  for await (const chunk of child.stdout) {
    const piece = decoder.decode(chunk, { stream: true });
    text += piece;
    seen += piece.split("\n").length - 1;
    if (seen >= lines) child.kill("SIGKILL");
  }
  await child.exited;
  if (seen < lines) throw new Error(`${program} ended after ${seen} of ${lines} lines`);
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => line.split(" "));
}
