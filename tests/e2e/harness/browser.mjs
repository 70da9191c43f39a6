// A browser and its tabs, the same for Chromium and Firefox, and for WebKitGTK as far as its driver goes.

import { browserNames, startSession } from "./bidi.mjs";
import { launchWebKit } from "./webkit.mjs";

export { browserNames };

/** Ends what hangs, in ms. It is longer than anything takes on the slowest machine, and no test may rely on it. */
const RUN_TIMEOUT = Number(process.env.E2E_TIMEOUT ?? 120_000);

// What Firefox logs as an error when the network fails, which is no error of the page.
const NETWORK_NOISE =
  /^(Firefox can’t establish|The connection to ws|Cross-Origin Request Block|WebRTC: ICE failed)/;

export async function launch(name) {
  if (name === "webkit") return launchWebKit();
  const bidi = await startSession(name);
  const browser = new Browser(name, bidi);
  await bidi.call("session.subscribe", { events: ["log.entryAdded"] });
  return browser;
}

class Browser {
  #bidi;
  #pages = new Map();

  constructor(name, bidi) {
    this.name = name;
    this.#bidi = bidi;
    bidi.onEvent = (_, entry) => this.#pages.get(entry.source.context)?.logged(entry);
  }

  /** Opens `url` in a tab of its own; resolves once it has loaded. */
  async open(url) {
    const { context } = await this.#bidi.call("browsingContext.create", { type: "tab" });
    const page = new Page(this, this.#bidi, context);
    this.#pages.set(context, page);
    await page.goto(url);
    return page;
  }

  /** Crashes all pages; the browser lives on. */
  crash() {
    this.#bidi.crash();
  }

  /** Kills the whole browser at once, as when a machine loses its power. */
  kill() {
    this.#bidi.kill();
  }

  close() {
    return this.#bidi.end();
  }
}

class Page {
  #bidi;
  #context;
  /** Uncaught errors and console.error calls that no test has expected. */
  errors = [];

  constructor(browser, bidi, context) {
    this.browser = browser;
    this.#bidi = bidi;
    this.#context = context;
  }

  logged({ type, level, text, stackTrace }) {
    if (type !== "javascript" && level !== "error") return;
    if (NETWORK_NOISE.test(text)) return;
    const { url, lineNumber } = stackTrace?.callFrames[0] ?? {};
    this.errors.push(url ? `${text} (${new URL(url).pathname}:${lineNumber + 1})` : text);
  }

  /** Returns the errors so far, and forgets them. */
  takeErrors() {
    return this.errors.splice(0);
  }

  goto(url) {
    return this.#call("browsingContext.navigate", { url, wait: "complete" });
  }

  reload() {
    return this.#call("browsingContext.reload", { wait: "complete" });
  }

  close() {
    return this.#call("browsingContext.close");
  }

  /** Runs `fn` in the page's own realm. Arguments and result travel as JSON. */
  async run(fn, ...args) {
    return this.runFor(RUN_TIMEOUT, fn, ...args);
  }

  /** Waits until `look(...args)` finds something in the page; it looks whenever the page changes. */
  until(look, ...args) {
    const source = `(...args) => new Promise((resolve) => {
      const check = () => {
        const found = (${look})(...args);
        if (!found) return;
        observer.disconnect();
        resolve(typeof found === "object" || found);
      };
      const observer = new MutationObserver(check);
      const all = { subtree: true, childList: true, attributes: true, characterData: true };
      observer.observe(document, all);
      check();
    })`;
    return this.runFor(RUN_TIMEOUT, source, ...args);
  }

  /** As `run`, for what may take longer than usual: up to `patience` milliseconds. */
  async runFor(patience, fn, ...args) {
    const timeout = Math.max(patience, RUN_TIMEOUT);
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(async () => {
        const said = await this.#report().catch((error) => `nothing (${error.message})`);
        reject(new Error(`${this.browser.name}: not done after ${timeout} ms.\n${said}`));
      }, timeout);
    });
    try {
      return await Promise.race([this.#evaluate(fn, args), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #evaluate(fn, args) {
    const { result, exceptionDetails } = await this.#call("script.callFunction", {
      functionDeclaration: `async (json) => JSON.stringify(await (${fn})(...JSON.parse(json)))`,
      arguments: [{ type: "string", value: JSON.stringify(args) }],
      awaitPromise: true,
      target: { context: this.#context },
    });
    if (exceptionDetails) {
      const said = await this.#report().catch(() => "");
      throw new Error(`${this.browser.name}: ${exceptionDetails.text}\n${said}`);
    }
    return result.value === undefined ? undefined : JSON.parse(result.value);
  }

  /** What the page waits for and what it saw last, for the message of a timeout. */
  async #report() {
    const seen = await Promise.race([
      this.#evaluate(
        () =>
          globalThis.e2e?.report() ?? `It shows: ${document.body.textContent.replace(/\s+/g, " ")}`,
        [],
      ),
      new Promise((resolve) => setTimeout(resolve, 2000, "The page does not respond.")),
    ]);
    return [seen, ...this.errors.map((error) => `page error: ${error}`)].join("\n");
  }

  /** Sends a command of the Chrome DevTools Protocol, for what WebDriver lacks. */
  async cdp(method, params = {}) {
    const { session } = await this.#call("goog:cdp.getSession");
    const { result } = await this.#call("goog:cdp.sendCommand", { session, method, params });
    return result;
  }

  /** Brings the tab to the front. */
  activate() {
    return this.#call("browsingContext.activate");
  }

  /** Brings the tab to the front, as a person would, then clicks. */
  async click(css) {
    await this.activate();
    await this.run((css) => document.querySelector(css)?.scrollIntoView({ block: "center" }), css);
    await this.#act("pointer", [
      { type: "pointerMove", x: 0, y: 0, origin: await this.#element(css) },
      { type: "pointerDown", button: 0 },
      { type: "pointerUp", button: 0 },
    ]);
  }

  /** Clicks into the element, then types; "\n" is the Enter key. */
  async type(css, text) {
    await this.click(css);
    const keys = [...text].map((key) => (key === "\n" ? "\uE007" : key));
    await this.#act(
      "key",
      keys.flatMap((value) => [
        { type: "keyDown", value },
        { type: "keyUp", value },
      ]),
    );
  }

  async setFiles(css, ...files) {
    const { element } = await this.#element(css);
    await this.#call("input.setFiles", { element, files });
  }

  #act(type, actions) {
    const source = { type, id: type, actions };
    return this.#call("input.performActions", { actions: [source] });
  }

  async #element(css) {
    const { nodes } = await this.#call("browsingContext.locateNodes", {
      locator: { type: "css", value: css },
      maxNodeCount: 1,
    });
    if (nodes.length === 0) throw new Error(`${this.browser.name}: no element ${css}`);
    return { type: "element", element: { sharedId: nodes[0].sharedId } };
  }

  #call(method, params = {}) {
    return this.#bidi.call(method, { context: this.#context, ...params });
  }
}
