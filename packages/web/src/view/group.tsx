import type { Group, Item } from "../state/blocks.ts";
import { clockText, fullText } from "../state/moments.ts";
import { Avatar } from "./avatar.tsx";
import { ContentView } from "./content.tsx";
import { useChat } from "./context.ts";
import { Icon } from "./icons.tsx";

/** Messages of one person, one after another. */
export function GroupView({ group }: { readonly group: Group }) {
  const { sender, own, items } = group;
  const first = items[0];
  if (first === undefined) return null;
  return (
    <section class={own ? "group own" : "group"} aria-label={own ? "You" : sender.name}>
      {!own && <Avatar id={colourOf(sender.key)} name={sender.name} />}
      <div class="group-body">
        <p class="group-head">
          <span class="group-name">{own ? "You" : sender.name}</span>
          <time dateTime={new Date(first.time).toISOString()} title={fullText(first.time, undefined)}>
            {clockText(first.time, undefined)}
          </time>
        </p>
        {items.map((item) => (
          <ItemView key={item.key} item={item} />
        ))}
      </div>
    </section>
  );
}

function ItemView({ item: { content, time, outgoing } }: { readonly item: Item }) {
  return (
    <div class={outgoing?.status === "failed" ? "item failed" : "item"}>
      <div class="bubble" title={fullText(time, undefined)}>
        <ContentView content={content} />
      </div>
      {outgoing !== undefined && outgoing.status !== "sent" && <Status item={outgoing} />}
    </div>
  );
}

function Status({ item: { id, status, fault } }: { readonly item: NonNullable<Item["outgoing"]> }) {
  const { chat, state } = useChat();
  if (status === "sending")
    return (
      <p class="status">
        <Icon name="clock" size={12} />
        {state.client.kind === "connected" ? "Sending…" : "Waiting for the connection"}
      </p>
    );
  return (
    <p class="status status-failed" role="alert">
      <Icon name="alert" size={14} />
      <span>Not sent: {fault}</span>
      <button class="link" type="button" onClick={() => chat.outbox.retry(state.room, id)}>
        Try again
      </button>
      <button class="link" type="button" onClick={() => chat.outbox.discard(state.room, id)}>
        Discard
      </button>
    </p>
  );
}

/** The same colour in the list of people and beside messages. */
function colourOf(key: string): string {
  return key.startsWith("id:") ? key.slice(3) : key;
}
