#!/usr/bin/env node
/**
 * The entry of the built program: runs the bundle as one script, with the code that V8 made of it in an earlier run
 * (docs/adr/0013). An ES module could not be run like this on Node 20. The bundler makes a CommonJS module of this
 * file, which starts faster too.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { Script } from "node:vm";
import { type CodeCache, codeDirectory, readCode, writeCode } from "./code-cache.ts";
import { spareMachine } from "./machine.ts";

/** Both are put in by scripts/build.js: the bundle's name, and the digest of its text. */
declare const bktuiBundle: string;
declare const bktuiBuild: string;

type Program = (
  require: NodeJS.Require,
  url: string,
  keepCode: () => void,
  /** Loads a part that is not in the bundle: a file beside it, or a package. */
  importLate: (specifier: string) => Promise<unknown>,
) => void;

const url = import.meta.url;
const require = createRequire(url);
const use = purposeOf(process.argv.slice(2));
if (use === "dap") spareMachine(require);
const directory = codeDirectory(process.env);
const cache = directory === undefined ? undefined : { directory, build: bktuiBuild, use };
const filename = fileURLToPath(new URL(bktuiBundle, url));
const { text, room } = readText(filename);
const code = cache === undefined ? undefined : readCode(cache, room);
const script = new Script(text, {
  filename,
  ...(code === undefined ? {} : { cachedData: code }),
});
const isUsed = code !== undefined && script.cachedDataRejected !== true;

/** `room`: its bytes, which nobody needs any more; larger, for kept code. What is not written to takes no memory. */
function readText(path: string): { readonly text: string; readonly room: Buffer } {
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    const room = Buffer.allocUnsafeSlow(2 * size);
    let end = 0;
    for (let read = -1; end < size && read !== 0; end += read)
      read = readSync(file, room, end, size - end, end);
    // The bundler escapes whatever is not ASCII.
    return { text: room.toString("latin1", 0, end), room };
  } finally {
    closeSync(file);
  }
}

/** A guess, before anything is read: a wrong one costs time only. */
function purposeOf(words: readonly string[]): CodeCache["use"] {
  if (words[0] === "attach") return "attach";
  return words.includes("dap") ? "dap" : undefined;
}

/** For the end of a run: now the code holds what a run needs. */
function keepCode(): void {
  if (cache !== undefined && !isUsed) writeCode(cache, script.createCachedData());
}

const program: Program = script.runInThisContext();
// Here and not in the bundle: V8 before Node 22 forgets which loader kept code belongs to.
program(require, url, keepCode, (specifier) => import(specifier));
