import { roomOf } from "../chat/state.ts";
import { howMany, listed } from "../state/people.ts";
import { Avatar } from "./avatar.tsx";
import { useChat } from "./context.ts";
import { Icon } from "./icons.tsx";
import { Terminal } from "./terminal.tsx";

/** People shown by name. */
const SHOWN = 100;

export function SidePanel({ close }: { readonly close: () => void }) {
  return (
    <aside class="side" aria-label="People and commands">
      <button
        class="icon-button side-close only-without-side"
        type="button"
        aria-label="Close the panel"
        onClick={close}
      >
        <Icon name="close" />
      </button>
      <PeopleList />
      <Terminal />
    </aside>
  );
}

function PeopleList() {
  const { state } = useChat();
  const { people } = roomOf(state, state.room);
  const shown = listed(people, state.me.id).slice(0, SHOWN);
  const count = howMany(people);
  return (
    <section class="people" aria-labelledby="people-title">
      <h2 class="label" id="people-title">
        Here now <span class="count">{count}</span>
      </h2>
      <ul>
        {shown.map(({ id, name }) => (
          <li key={id}>
            <Avatar id={id} name={name} small />
            <span class="person-name">{name}</span>
            {id === state.me.id && <span class="muted">you</span>}
          </li>
        ))}
        {count > shown.length && <li class="muted">and {(count - shown.length).toLocaleString()} more</li>}
      </ul>
      <a class="second" href={`?guest#/${encodeURIComponent(state.room)}`} target="_blank" rel="noopener">
        Open a tab as somebody else
      </a>
    </section>
  );
}
