import { useState } from "preact/hooks";
import { MAX_NAME, cleanName, madeUpName } from "../state/person.ts";
import { useChat } from "./context.ts";
import { Modal } from "./modal.tsx";

/** Asks at the first visit, with a name already there, and whenever the person wants another one. */
export function NameDialog({ done }: { readonly done: () => void }) {
  const { chat, state } = useChat();
  const [name, setName] = useState(state.me.name);
  const save = (): void => {
    if (cleanName(name) === undefined) return;
    chat.rename(name);
    done();
  };
  return (
    <Modal title={state.named ? "Your name" : "Welcome to Tidegate"} close={state.named ? done : undefined}>
      <form onSubmit={(event) => (event.preventDefault(), save())}>
        <p>
          {state.named
            ? "Others see it beside your messages."
            : "What should others call you? You can change it at any time."}
        </p>
        <label for="name">Name</label>
        <div class="modal-row">
          <input
            id="name"
            class="field"
            value={name}
            maxLength={MAX_NAME}
            autocomplete="nickname"
            onInput={(event) => setName(event.currentTarget.value)}
          />
          <button class="button" type="button" onClick={() => setName(madeUpName(Math.random))}>
            Another
          </button>
        </div>
        <div class="modal-actions">
          {state.named && (
            <button class="button" type="button" onClick={done}>
              Cancel
            </button>
          )}
          <button class="button primary" type="submit" disabled={cleanName(name) === undefined}>
            {state.named ? "Save" : "Start chatting"}
          </button>
        </div>
      </form>
    </Modal>
  );
}
