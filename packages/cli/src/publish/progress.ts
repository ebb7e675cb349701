import type { Terminal } from "../terminal.ts";

export interface Progress {
  /** Replaces what was shown. */
  show(text: string): void;
  /** A line that stays; the same one is not said twice in a row. */
  note(text: string): void;
  clear(): void;
}

/** One line on the standard error that is written over and over; only notes where that is no terminal. */
export function progress({ err, errIsTty }: Pick<Terminal, "err" | "errIsTty">): Progress {
  let said = "";
  const clear = (): void => {
    if (errIsTty) err("\r\u001b[K");
  };
  return {
    show(text) {
      if (errIsTty) err(`\r\u001b[K${text}`);
    },
    note(text) {
      if (text === said) return;
      said = text;
      clear();
      err(`${text}\n`);
    },
    clear,
  };
}
