import { render } from "preact";
import { Chat } from "./chat/chat.ts";
import { openSaved, whoIsHere } from "./chat/begin.ts";
import { Wake } from "./chat/wake.ts";
import { FIRST_ROOMS, roomOfHash } from "./state/room.ts";
import { followPage } from "./chat/page.ts";
import { App } from "./view/app.tsx";
import { applyTheme } from "./view/theme.ts";

const saved = openSaved(window);
const wake = new Wake(window);
applyTheme(window, saved);

let count = 0;
const prefix = Array.from(crypto.getRandomValues(new Uint32Array(3)), (word) => word.toString(36)).join("");
const environment = {
  url: `${location.origin.replace(/^http/, "ws")}/ws`,
  now: () => Date.now(),
  random: Math.random,
  newId: () => `${prefix}-${(count++).toString(36)}`,
  after: (ms: number, task: () => void) => {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
  onWake: wake.listen,
  isVisible: () => !document.hidden,
};

const room = roomOfHash(location.hash) ?? saved.rooms[0] ?? FIRST_ROOMS[0] ?? "";
const chat = new Chat({ environment, saved, room, ...whoIsHere(saved, location.search, environment) });
followPage(window, chat);
chat.start();

const root = document.getElementById("app");
if (root !== null) render(<App chat={chat} retryNow={() => wake.now()} />, root);
