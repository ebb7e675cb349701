/** Reads an answer until the text has come. False if it ends without it. */
export async function sees({ body }: Response, text: string): Promise<boolean> {
  const decoder = new TextDecoder();
  let all = "";
  for await (const chunk of body ?? []) {
    all += decoder.decode(chunk as Uint8Array, { stream: true });
    if (all.includes(text)) return true;
  }
  return false;
}
