import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "jsonc-parser";
import { describe, expect, test } from "vitest";
import { buildOptions } from "../../../src/cli/commands.ts";
import { ownKeys, readLaunchBody } from "../../../src/cli/dap/launch-body.ts";
import { optionKeys } from "../../../src/cli/dap/option-keys.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const PAGE = read("docs/how-to/editors.md");
const LAUNCHES = read("docs/how-to/dap.md");
const KEYS = optionKeys(buildOptions());

function read(path: string): string {
  return readFileSync(ROOT + path, "utf8");
}

/** The blocks of a language in the page. */
function blocks(language: string): readonly string[] {
  return [...PAGE.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm"))].map(
    ([, text]) => text ?? "",
  );
}

describe("the page on editors", () => {
  test.each([
    ["elisp", "demo/editors/emacs/bktui.el"],
    ["lua", "demo/editors/nvim/bktui.lua"],
    ["toml", "demo/editors/helix/languages.toml"],
  ])("has of its %s settings what is in %s, which was run", (language, path) => {
    const found = blocks(language);
    expect(found.length).toBeGreaterThan(0);
    for (const block of found) expect(read(path)).toContain(block);
  });

  test("has entries that the program reads without a remark, as has Zed's file", () => {
    const entries = [
      ...blocks("json").map((text) => parse(text)),
      ...JSON.parse(read("demo/editors/zed/debug.json")),
    ];
    expect(entries.length).toBeGreaterThan(2);
    for (const entry of entries) expect(readLaunchBody("launch", entry, KEYS).notes).toEqual([]);
  });

  test("names the settings of every editor that there are", () => {
    for (const editor of readdirSync(`${ROOT}demo/editors`)) expect(PAGE).toContain(`demo/editors/${editor}`);
  });
});

test("the page on launches names each key that is no option", () => {
  for (const name of Object.keys(ownKeys)) expect(LAUNCHES).toMatch(new RegExp(`\`${name}\`|"${name}"`));
});
