/** Neovim with nvim-dap, which Debian does not have: with NVIM_DAP=DIRECTORY, a clone of it. Driven by neovim-session.lua. */
import { join } from "node:path";
import { type EditorSession, terminalOf } from "./session.ts";

/** The script has limits of its own. */
const SESSION_MS = 300_000;

export const neovim: EditorSession = async (place, say) => {
  if (!place.hasNvimDap) {
    say("left out: NVIM_DAP names no clone of nvim-dap");
    return;
  }
  const settings = join(place.repository, "demo/editors/nvim/bktui.lua");
  const script = join(place.repository, "scripts/editors/neovim-session.lua");
  const plugin = ["--cmd", "set runtimepath+=/opt/nvim-dap", "-c", `luafile ${settings}`];
  await using terminal = await terminalOf(
    place,
    ["env", `REPORT=${place.path("report")}`, "nvim", "--clean", ...plugin, "-c", `luafile ${script}`],
    SESSION_MS,
  );
  try {
    await terminal.until((rows) => rows.some((row) => /^LEFT \d+$/.test(row)));
  } finally {
    say((await place.read("report")).trimEnd());
  }
  const { exitCode } = await terminal.left();
  if (exitCode !== 0) throw new Error(`nvim ended with ${exitCode}`);
};
