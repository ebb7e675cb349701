import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The path comes from `npm test`, which looks for a browser; alone, the usual place is tried. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium", args: FLAGS });
}

export interface Visitor {
  readonly page: Page;
  /** Errors and warnings of the console, and what was thrown. */
  readonly faults: string[];
}

export interface VisitOptions extends BrowserContextOptions {
  readonly name?: string;
  readonly room?: string;
  /** Kept in the browser before the page runs. */
  readonly stored?: Readonly<Record<string, unknown>>;
}

/** A person with a browser of their own opens the page. Without a name, the page will ask for one. */
export async function visit(browser: Browser, url: string, options: VisitOptions = {}): Promise<Visitor> {
  const { name, room = "room_1", stored = {}, ...rest } = options;
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: "en-GB", ...rest });
  const person = name === undefined ? {} : { person: { id: `id-${name}`, name } };
  await context.addInitScript(
    (items) => {
      for (const [key, value] of Object.entries(items))
        if (localStorage.getItem(`tidegate.${key}`) === null)
          localStorage.setItem(`tidegate.${key}`, JSON.stringify(value));
    },
    { ...person, ...stored },
  );
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") faults.push(message.text());
  });
  page.on("pageerror", (error) => faults.push(error.message));
  await page.goto(`${url}/#/${room}`);
  return { page, faults };
}

/** A message that says so; the same words also stand in the text for screen readers. */
export function said(page: Page, text: string) {
  return page.locator(".bubble").getByText(text, { exact: true });
}

/** Types into the field below the messages, and sends. */
export async function write(page: Page, text: string): Promise<void> {
  const field = page.getByLabel("Message to");
  await field.fill(text);
  await field.press("Enter");
}

/** What all messages say, top to bottom. */
export function texts(page: Page): Promise<string[]> {
  return page.locator(".bubble").allInnerTexts();
}
