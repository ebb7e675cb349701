import type { RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

/** Pixels from the end that still count as at the end. */
const NEAR_END = 80;

export interface ScrollInput {
  /** Offset of the first message: when it changes, older ones were put before. */
  readonly first: number;
  /** Messages of the person that are under way: one more means that one was just sent. */
  readonly own: number;
  readonly ready: boolean;
  /** Changes with whatever is drawn. */
  readonly content: unknown;
}

export interface Scroll {
  readonly box: RefObject<HTMLDivElement | null>;
  readonly atEnd: boolean;
  /** Something came while the person was reading further up. */
  readonly missed: boolean;
  readonly onScroll: () => void;
  readonly toEnd: () => void;
}

/** Keeps the newest message in sight as long as the person is there, and else what the person reads in its place. */
export function useScroll({ first, own, content }: ScrollInput): Scroll {
  const box = useRef<HTMLDivElement>(null);
  const before = useRef({ height: 0, first, own, atEnd: true });
  const [atEnd, setAtEnd] = useState(true);
  const [missed, setMissed] = useState(false);

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const past = before.current;
    const grown = element.scrollHeight - past.height;
    if (past.atEnd || own > past.own) element.scrollTop = element.scrollHeight;
    else if (first !== past.first) element.scrollTop += grown;
    else if (grown > 0) setMissed(true);
    before.current = { height: element.scrollHeight, first, own, atEnd: isAtEnd(element) };
    setAtEnd(before.current.atEnd);
  }, [content]);

  // The box gets smaller when the keyboard of a phone comes, or the text below grows.
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => {
      if (before.current.atEnd) element.scrollTop = element.scrollHeight;
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const onScroll = (): void => {
    const element = box.current;
    if (element === null) return;
    before.current.atEnd = isAtEnd(element);
    setAtEnd(before.current.atEnd);
    if (before.current.atEnd) setMissed(false);
  };
  const toEnd = (): void => {
    box.current?.scrollTo({ top: box.current.scrollHeight });
    box.current?.focus();
  };
  return { box, atEnd, missed, onScroll, toEnd };
}

function isAtEnd({ scrollHeight, scrollTop, clientHeight }: HTMLElement): boolean {
  return scrollHeight - scrollTop - clientHeight < NEAR_END;
}
