import type { Block } from "../state/blocks.ts";
import { dayText } from "../state/moments.ts";
import { noticeText } from "../state/notice-text.ts";
import type { Hole } from "../state/timeline.ts";
import { useChat } from "./context.ts";
import { GroupView } from "./group.tsx";

export function BlockView({ block }: { readonly block: Block }) {
  switch (block.kind) {
    case "group":
      return <GroupView group={block} />;
    case "day":
      return <h2 class="rule day">{dayText(block.time, Date.now(), undefined)}</h2>;
    case "new":
      return <p class="rule new">New</p>;
    case "notice": {
      const text = noticeText(block.notices);
      return text === "" ? null : <p class="notice">{text}</p>;
    }
    case "hole":
      return <HoleView hole={block.hole} />;
  }
}

function HoleView({ hole }: { readonly hole: Hole }) {
  const { chat, state } = useChat();
  return (
    <div class="hole" role="note">
      <span>{holeText(hole)}</span>
      {hole.state === "open" && (
        <button class="button" type="button" onClick={() => void chat.past.fill(state.room, hole)}>
          Load them
        </button>
      )}
    </div>
  );
}

function holeText({ state, to }: Hole): string {
  if (state === "loading") return "Loading what is missing…";
  if (state === "open") return "Some messages are missing here.";
  if (to === undefined) return "The server began a new history here. What was sent in between is not known.";
  return "Some messages are missing here, and the server keeps them no more.";
}
