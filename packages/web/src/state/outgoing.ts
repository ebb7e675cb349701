import type { Outgoing, Timeline } from "./timeline.ts";

/** Shown at once, before the server knows of it. */
export function sending(timeline: Timeline, message: Omit<Outgoing, "status">): Timeline {
  return { ...timeline, outgoing: [...timeline.outgoing, { ...message, status: "sending" }] };
}

/** Stored. The line itself comes by the subscription, usually before this. */
export function sent(timeline: Timeline, id: string): Timeline {
  return changed(timeline, id, ({ id: own, body, time }) => ({ id: own, body, time, status: "sent" }));
}

/** Refused for good: only the person can decide what to do. */
export function failed(timeline: Timeline, id: string, fault: string): Timeline {
  return changed(timeline, id, (message) => ({ ...message, status: "failed", fault }));
}

/** It goes to the end, where it is sent from: it keeps its id, so it cannot be stored twice. */
export function retried(timeline: Timeline, id: string, time: number): Timeline {
  const message = timeline.outgoing.find((each) => each.id === id);
  if (message === undefined) return timeline;
  return sending(discarded(timeline, id), { id, body: message.body, time });
}

export function discarded(timeline: Timeline, id: string): Timeline {
  return { ...timeline, outgoing: timeline.outgoing.filter((each) => each.id !== id) };
}

function changed(timeline: Timeline, id: string, change: (message: Outgoing) => Outgoing): Timeline {
  return { ...timeline, outgoing: timeline.outgoing.map((each) => (each.id === id ? change(each) : each)) };
}
