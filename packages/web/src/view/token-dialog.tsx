import { useState } from "preact/hooks";
import { useChat } from "./context.ts";
import { Modal } from "./modal.tsx";

/** The server wants to know who is there. The token stays in this tab. */
export function TokenDialog({ message }: { readonly message: string }) {
  const { chat, state } = useChat();
  const [token, setToken] = useState("");
  const given = token.trim();
  return (
    <Modal title="This server needs a token" close={undefined}>
      <form onSubmit={(event) => (event.preventDefault(), given !== "" && chat.useToken(given))}>
        <p>Paste the token or API key that its operator gave you. It is kept in this tab only.</p>
        {state.hasToken && (
          <p class="fault" role="alert">
            The last one was refused: {message}
          </p>
        )}
        <label for="token">Token</label>
        <input
          id="token"
          class="field"
          type="password"
          autocomplete="off"
          spellcheck={false}
          maxLength={8192}
          value={token}
          onInput={(event) => setToken(event.currentTarget.value)}
        />
        <p class="muted">
          Do you run it? <code>tidegate token --user me</code> makes one.
        </p>
        <div class="modal-actions">
          <button class="button primary" type="submit" disabled={given === ""}>
            Connect
          </button>
        </div>
      </form>
    </Modal>
  );
}
