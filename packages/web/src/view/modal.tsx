import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

export interface ModalProps {
  readonly title: string;
  /** Undefined: it cannot be waved away. */
  readonly close: (() => void) | undefined;
  readonly children: ComponentChildren;
}

/** The browser's own dialog: it holds the focus, and gives it back. */
export function Modal({ title, close, children }: ModalProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    // A dialog that is removed, rather than closed, leaves the focus nowhere.
    return () => void requestAnimationFrame(() => before instanceof HTMLElement && before.focus());
  }, []);
  return (
    <dialog
      class="modal"
      ref={dialog}
      aria-labelledby="modal-title"
      onCancel={(event) => {
        event.preventDefault();
        close?.();
      }}
    >
      <h2 id="modal-title">{title}</h2>
      {children}
    </dialog>
  );
}
