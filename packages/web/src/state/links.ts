export type Piece = { readonly text: string; readonly url?: string };

/** Only what begins with http:// or https:// is a link; `javascript:` and the like stay text. */
const LINK = /\bhttps?:\/\/[^\s<>"'`{}|\\^]+/giu;
const TRAILING = /[.,;:!?…]$/u;
const PAIRS: Readonly<Record<string, string>> = { ")": "(", "]": "[" };

/** A text cut into plain parts and links; put together they are the text again. */
export function linkPieces(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(LINK)) {
    const link = withoutTail(match[0]);
    if (!URL.canParse(link)) continue;
    if (match.index > at) pieces.push({ text: text.slice(at, match.index) });
    pieces.push({ text: link, url: new URL(link).href });
    at = match.index + link.length;
  }
  if (at < text.length) pieces.push({ text: text.slice(at) });
  return pieces;
}

/** "(see https://a.example/b)." ends before its bracket, but https://a.example/b_(c) keeps it. */
function withoutTail(link: string): string {
  const last = link.at(-1) ?? "";
  const open = PAIRS[last];
  const closesNothing = open !== undefined && count(link, open) < count(link, last);
  return TRAILING.test(link) || closesNothing ? withoutTail(link.slice(0, -1)) : link;
}

function count(text: string, char: string): number {
  return text.split(char).length - 1;
}
