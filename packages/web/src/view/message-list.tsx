import { useMemo } from "preact/hooks";
import { meKey, roomOf } from "../chat/state.ts";
import { blocksOf } from "../state/blocks.ts";
import { dayKey } from "../state/moments.ts";
import { BlockView } from "./block.tsx";
import { useChat } from "./context.ts";
import { Icon } from "./icons.tsx";
import { useScroll } from "./use-scroll.ts";
import { EmptyRoom, OlderMessages, Skeleton } from "./list-ends.tsx";

/** Pixels from the top at which older messages are fetched. */
const NEAR_TOP = 150;

export function MessageList() {
  const { chat, state } = useChat();
  const { room } = state;
  const { timeline, newAfter } = roomOf(state, room);
  const me = meKey(state);
  const blocks = useMemo(() => blocksOf(timeline, { me, dayOf: dayKey, newAfter }), [timeline, me, newAfter]);
  const own = timeline.outgoing.length;
  const isEmpty = timeline.lines.length === 0 && own === 0;
  const first = timeline.lines[0]?.message.offset ?? 0;
  const scroll = useScroll({ first, own, ready: timeline.ready, content: blocks });
  const onScroll = (): void => {
    scroll.onScroll();
    if ((scroll.box.current?.scrollTop ?? Infinity) < NEAR_TOP) void chat.past.loadOlder(room);
  };
  return (
    <>
      <div
        class="messages"
        ref={scroll.box}
        role="log"
        aria-live="off"
        aria-label={`Messages in ${room}`}
        aria-busy={!timeline.ready || timeline.older === "loading"}
        tabIndex={0}
        onScroll={onScroll}
      >
        <div class="messages-inner">
          {!timeline.ready && blocks.length === 0 && <Skeleton />}
          {timeline.ready && !isEmpty && (
            <OlderMessages older={timeline.older} load={() => void chat.past.loadOlder(room)} />
          )}
          {timeline.ready && isEmpty && <EmptyRoom />}
          {blocks.map((block) => (
            <BlockView key={block.key} block={block} />
          ))}
        </div>
      </div>
      {!scroll.atEnd && (
        <button class="to-end" type="button" onClick={scroll.toEnd}>
          <Icon name="down" size={16} />
          {scroll.missed ? "New messages" : "Newest"}
        </button>
      )}
    </>
  );
}
