import { useEffect, useState } from "preact/hooks";
import { Icon } from "./icons.tsx";

/** Milliseconds that the button says "Copied". */
const PRAISE = 2000;

type Outcome = "none" | "copied" | "failed";
const WORDS: Readonly<Record<Outcome, string>> = { none: "Copy", copied: "Copied", failed: "Select it and copy" };

export function CopyButton({ what, text }: { readonly what: string; readonly text: string }) {
  const [outcome, setOutcome] = useState<Outcome>("none");
  useEffect(() => {
    if (outcome === "none") return;
    const timer = setTimeout(() => setOutcome("none"), PRAISE);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = async (): Promise<void> => setOutcome(await copied(text));
  return (
    <button class="copy" type="button" aria-label={`Copy: ${what}`} onClick={() => void copy()}>
      <Icon name={outcome === "copied" ? "check" : "copy"} size={14} />
      <span aria-live="polite">{WORDS[outcome]}</span>
    </button>
  );
}

/** The clipboard is only there on pages of this machine or with TLS. */
async function copied(text: string): Promise<Outcome> {
  try {
    await navigator.clipboard.writeText(text);
    return "copied";
  } catch {
    return "failed";
  }
}
