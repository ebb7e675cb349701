import { useState } from "preact/hooks";
import type { Content } from "../state/content.ts";
import { linkPieces } from "../state/links.ts";

/** Characters of one message that are shown at first. */
const SHOWN = 2000;

/** What others send is text, whatever is in it: nothing here makes markup of it. */
export function ContentView({ content }: { readonly content: Content }) {
  const [isWhole, setWhole] = useState(false);
  const isCut = content.text.length > SHOWN && !isWhole;
  const text = isCut ? `${content.text.slice(0, SHOWN)}…` : content.text;
  return (
    <>
      {content.kind === "text" ? <Text text={text} /> : <Code content={content} text={text} />}
      {isCut && (
        <button class="link" type="button" onClick={() => setWhole(true)}>
          Show all {content.text.length.toLocaleString()} characters
        </button>
      )}
    </>
  );
}

function Text({ text }: { readonly text: string }) {
  if (text.trim() === "") return <p class="text muted">(empty message)</p>;
  return (
    <p class="text" dir="auto">
      {linkPieces(text).map((piece, i) =>
        piece.url === undefined ? (
          piece.text
        ) : (
          <a key={i} href={piece.url} target="_blank" rel="noopener noreferrer nofollow">
            {piece.text}
          </a>
        ),
      )}
    </p>
  );
}

function Code({ content, text }: { readonly content: Content; readonly text: string }) {
  const label = content.kind === "binary" ? `Binary, ${content.bytes.toLocaleString()} bytes` : "JSON";
  return (
    <>
      <p class="code-label">{label}</p>
      <pre class="code">{text}</pre>
    </>
  );
}
