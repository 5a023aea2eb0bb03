/**
 * Pictures of bktui's screens, in a dark and a light terminal: `npm run pictures -- DIRECTORY [SCREEN...]`. Each is
 * the built program on a terminal of 80x24 and of 120x40, on a real engine. PNG where a chromium is installed, else
 * the web pages it would be made from. `npm run pictures -- FILE.svg [SCREEN]` draws one screen, by default that of the
 * README.
 */
import { execFile } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startTestEngines } from "./global-engines.ts";
import { CELL, drawing, page } from "./picture.ts";
import { type Screen, screens } from "./pictured-screens.ts";
import type { TestEngine } from "./test-engine.ts";

const run = promisify(execFile);
const SIZES = [
  { columns: 80, rows: 24 },
  { columns: 120, rows: 40 },
] as const;
const BROWSERS = ["chromium", "chromium-browser", "google-chrome"];

interface Order {
  readonly target: string;
  readonly browser: string | undefined;
  readonly engine: TestEngine;
  readonly busybox: string;
}

const README_SCREEN = "K-demo";

const [target, ...given] = process.argv.slice(2);
if (target === undefined) throw new Error("name the directory for the pictures, or one FILE.svg");
const isDrawing = target.endsWith(".svg");
const names = isDrawing && given.length === 0 ? [README_SCREEN] : given;
const unknown = names.find((name) => !screens.some((screen) => screen.name.startsWith(name)));
if (unknown !== undefined)
  throw new Error(`no screen ${unknown}: ${screens.map(({ name }) => name).join(", ")}`);
await mkdir(isDrawing ? dirname(target) : target, { recursive: true });
const running = await startTestEngines(fileURLToPath(new URL("../../", import.meta.url)));
try {
  const engine = running.engines.find(({ keepsFailedState }) => keepsFailedState) ?? running.engines[0];
  if (engine === undefined) throw new Error("there is no engine to make pictures with");
  const order = {
    target: resolve(target),
    browser: await installedBrowser(),
    engine,
    busybox: running.busybox,
  };
  for (const screen of screens) {
    if (names.length > 0 && !names.some((name) => screen.name.startsWith(name))) continue;
    if (isDrawing) await draw(screen, order);
    else for (const size of SIZES) await take(screen, size, order);
  }
} finally {
  await running.stop();
}

async function take(
  screen: Screen,
  size: (typeof SIZES)[number],
  { target, browser, engine, busybox }: Order,
): Promise<void> {
  const path = join(target, `${screen.name}-${size.columns}x${size.rows}`);
  await using fx = await screen.reach(engine, { ...size, busybox });
  await writeFile(`${path}.html`, page(fx.terminal.styled()));
  await writeFile(`${path}.txt`, `${fx.terminal.screen().join("\n")}\n`);
  if (browser !== undefined) await photograph(browser, path, size);
  process.stdout.write(`${path}.${browser === undefined ? "html" : "png"}\n`);
}

async function draw(screen: Screen, { target, engine, busybox }: Order): Promise<void> {
  await using fx = await screen.reach(engine, { ...SIZES[0], busybox });
  await writeFile(target, drawing(fx.terminal.styled()));
  process.stdout.write(`${target}\n`);
}

async function photograph(browser: string, path: string, size: (typeof SIZES)[number]): Promise<void> {
  const width = 2 * (size.columns * CELL.width + 2 * CELL.margin + 10);
  const height = size.rows * CELL.height + 2 * CELL.margin;
  await run(browser, [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    `--window-size=${width},${height}`,
    `--screenshot=${path}.png`,
    `file://${path}.html`,
  ]);
  await rm(`${path}.html`);
}

async function installedBrowser(): Promise<string | undefined> {
  for (const browser of BROWSERS) {
    try {
      await run(browser, ["--version"]);
      return browser;
    } catch {
      // Not this one.
    }
  }
  return undefined;
}
