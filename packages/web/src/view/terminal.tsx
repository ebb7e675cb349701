import { publishCommand, subscribeCommand, type TerminalSetting } from "../state/terminal.ts";
import { useChat } from "./context.ts";
import { CopyButton } from "./copy-button.tsx";

export function Terminal() {
  const { room, hasToken } = useChat().state;
  const setting: TerminalSetting = { origin: location.origin, room, token: hasToken };
  return (
    <section class="terminal" aria-labelledby="terminal-title">
      <h2 class="label" id="terminal-title">
        Try it from a terminal
      </h2>
      <Command title="Post into this room" text={publishCommand(setting)} />
      <Command title="Read it as it comes" text={subscribeCommand(setting)} />
    </section>
  );
}

function Command({ title, text }: { readonly title: string; readonly text: string }) {
  return (
    <figure class="command">
      <figcaption>
        {title}
        <CopyButton what={title} text={text} />
      </figcaption>
      <pre tabIndex={0} aria-label={title}>
        {text}
      </pre>
    </figure>
  );
}
