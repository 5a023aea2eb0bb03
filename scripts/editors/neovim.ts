/** Neovim with nvim-dap, which Debian does not have: with NVIM_DAP=DIRECTORY, a clone of it. */
import type { EditorSession } from "./session.ts";

export const neovim: EditorSession = async (place, say) => {
  if (!place.hasNvimDap) say("left out: NVIM_DAP names no clone of nvim-dap");
};
