/**
 * VS Code as code-server has it, with our extension, in a headless Chromium: CODE_SERVER names a directory with node_modules of
 * code-server, its native modules built, and of puppeteer-core. It runs on this machine, not among the other editors.
 */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import type { EditorSession, Place } from "./session.ts";

/** Of puppeteer-core, as far as it is used. */
interface Page {
  goto(url: string, options: object): Promise<unknown>;
  evaluate(expression: string): Promise<unknown>;
  waitForSelector(selector: string): Promise<unknown>;
  click(selector: string, options?: object): Promise<void>;
  screenshot(options: { readonly path: string }): Promise<unknown>;
  readonly keyboard: {
    type(text: string): Promise<void>;
    press(key: string): Promise<void>;
    down(key: string): Promise<void>;
    up(key: string): Promise<void>;
  };
}
interface Browser {
  newPage(): Promise<Page>;
  close(): Promise<void>;
}
interface Puppeteer {
  launch(options: object): Promise<Browser>;
}

const WAIT_MS = 40_000;
const PICTURE = join(tmpdir(), "bktui-vscode-failed.png");
const LOOK_MS = 100;
const KEY_MS = 2000;
const VIEWPORT = { width: 1400, height: 900 };
const SETTINGS = {
  "security.workspace.trust.enabled": false,
  "workbench.startupEditor": "none",
  "telemetry.telemetryLevel": "off",
  "terminal.integrated.gpuAcceleration": "off",
};
const FILE = '.explorer-folders-view .monaco-list-row[aria-label^="Dockerfile"]';

export const vscode: EditorSession = async (place, say) => {
  const directory = process.env["CODE_SERVER"];
  if (directory === undefined) {
    say("left out: CODE_SERVER names no directory with code-server");
    return;
  }
  await prepare(place);
  const server = startServer(directory, place);
  let browser: Browser | undefined;
  try {
    const address = await addressOf(server);
    const puppeteer: Puppeteer = createRequire(join(directory, "package.json"))("puppeteer-core");
    browser = await puppeteer.launch({
      executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-gpu"],
      defaultViewport: VIEWPORT,
    });
    const page = await browser.newPage();
    await page.goto(`${address}?folder=${place.project}`, { waitUntil: "domcontentloaded" });
    await debugged(page, place, say);
  } finally {
    await browser?.close();
    server.kill();
    if (server.exitCode === null) await once(server, "exit");
  }
};

async function debugged(page: Page, place: Place, say: (line: string) => void): Promise<void> {
  const see = (what: string, pattern: RegExp) => seen(page, { what, pattern, say });
  await page.waitForSelector(FILE);
  await page.click(FILE, { clickCount: 2 });
  await see("VS Code with a Dockerfile", /Ln 1, Col 1/);
  for (const _ of [1, 2]) await page.keyboard.press("ArrowDown");
  await see("the cursor in line 3", /Ln 3, Col 1/);
  await withBreakpoint(page);
  say("-- a breakpoint");
  await page.keyboard.press("F5");
  await see("the first stop, without an entry in launch.json", /step 1\/5[\s\S]*Dockerfile\s+1:1/);
  await page.keyboard.press("F5");
  await see("the breakpoint, with values", /step 2\/5[\s\S]*Dockerfile\s+3:1/);
  await see("values", /GREETING =\s+hello/);
  await page.keyboard.press("F10");
  await see("next", /end of stage base/);
  await press(page, "debug-step-back");
  await see("step back", /RUN echo "\$GREETING" > \/greeting \(step 2\/5/);
  await press(page, "debug-continue");
  await see("where the build really is", /end of stage base/);
  await press(page, "debug-continue");
  await see("the failure", /Exception has occurred: exit code 1/);
  await press(page, "terminal");
  await see("a shell in a terminal", /FAILED \/app #/);
  await page.click(".terminal-wrapper.active .xterm-screen");
  await page.keyboard.type("echo sum=$((40+2))");
  await page.keyboard.press("Enter");
  await see("what it answers", /^sum=42/m);
  await page.click(".panel .composite-bar a[aria-label^='Debug Console']");
  await typed(page, "env GREETING");
  await see("the debug console", /env GREETING=hello/);
  await typed(page, "why");
  await see("why", /Breakpoint 1: line 3\./);
  await mend(place);
  await press(page, "debug-restart");
  await see("a restart, with the file mended", /step 1\/5[\s\S]*Dockerfile\s+1:1/);
  await press(page, "debug-continue");
  await see("the breakpoint again", /step 2\/5[\s\S]*Dockerfile\s+3:1/);
  await press(page, "debug-continue");
  await see("the target", /finished: the target is built/);
  await see("the end", /To customize Run and Debug/);
  const told = await page.evaluate(
    "[...document.querySelectorAll('.notification-list-item-message')].map(({ textContent }) => textContent).join('; ')",
  );
  if (told !== "") throw new Error(`VS Code has notifications: ${told}`);
}

async function typed(page: Page, text: string): Promise<void> {
  await page.click(".repl-input-wrapper .monaco-editor");
  await page.keyboard.type(text);
  // What is offered for completion would be taken by Enter.
  await page.keyboard.press("Escape");
  await page.keyboard.press("Enter");
}

async function mend(place: Place): Promise<void> {
  const file = join(place.project, "Dockerfile");
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replace("missing.txt", "greeting"));
}

/** The key means nothing before VS Code has looked at its extensions. */
async function withBreakpoint(page: Page): Promise<void> {
  const end = Date.now() + WAIT_MS;
  while (Number(await page.evaluate("document.querySelectorAll('.codicon-debug-breakpoint').length")) === 0) {
    if (Date.now() > end) throw new Error("never seen: a breakpoint");
    await page.keyboard.press("F9");
    await delay(KEY_MS);
  }
}

/** A button of the bar of the debugger. */
async function press(page: Page, icon: string): Promise<void> {
  await page.click(`.debug-toolbar .codicon-${icon}`);
}

async function seen(
  page: Page,
  {
    what,
    pattern,
    say,
  }: { readonly what: string; readonly pattern: RegExp; readonly say: (line: string) => void },
): Promise<void> {
  const end = Date.now() + WAIT_MS;
  let text = "";
  while (!pattern.test(text)) {
    if (Date.now() > end) {
      await page.screenshot({ path: PICTURE });
      throw new Error(`never seen: ${what} (${pattern}); a picture is in ${PICTURE}\n${text}`);
    }
    await delay(LOOK_MS);
    text = String(await page.evaluate("document.body.innerText"));
  }
  say(`-- ${what}`);
}

/** Settings of a machine count in a browser where those of a user do not. */
async function prepare(place: Place): Promise<void> {
  for (const folder of ["code/User", "code/Machine", "extensions"])
    await mkdir(place.path(folder), { recursive: true });
  await writeFile(place.path("code/User/settings.json"), JSON.stringify(SETTINGS));
  await writeFile(place.path("code/Machine/settings.json"), JSON.stringify({ "bktui.path": place.bktui }));
  await cp(join(place.repository, "demo/editors/vscode"), place.path("extensions/bktui.bktui-0.1.0"), {
    recursive: true,
    dereference: true,
  });
}

function startServer(directory: string, place: Place): ChildProcessByStdio<null, Readable, null> {
  const entry = join(directory, "node_modules/code-server/out/node/entry.js");
  const folders = ["--user-data-dir", place.path("code"), "--extensions-dir", place.path("extensions")];
  const quiet = ["--disable-telemetry", "--disable-update-check", "--disable-workspace-trust"];
  return spawn(process.execPath, [entry, ...folders, ...quiet, "--auth=none", "--bind-addr=127.0.0.1:0"], {
    cwd: place.project,
    env: place.env,
    stdio: ["ignore", "pipe", "ignore"],
  });
}

function addressOf(server: ChildProcessByStdio<null, Readable, null>): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    server.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      const [, address] = /HTTP server listening on (http:\S+)/.exec(text) ?? [];
      if (address !== undefined) resolve(address);
    });
    server.once("exit", () => reject(new Error(`code-server has ended: ${text}`)));
  });
}
