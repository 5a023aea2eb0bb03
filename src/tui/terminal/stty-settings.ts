/** The terminal's settings as a shell left them, in the form that `stty` takes back. */
import { type StdioOptions, spawn, spawnSync } from "node:child_process";

const COMMAND = ["stty", ["-g"]] as const;

/** undefined when there is no stty or no terminal. */
export function terminalSettings(inputFd: number): string | undefined {
  const { stdout, status } = spawnSync(...COMMAND, { stdio: stdioOf(inputFd), encoding: "utf8" });
  return settingsIn(stdout, status);
}

/** The same beside other work: starting a program and waiting for it takes as long as half of a first frame. */
export function askTerminalSettings(inputFd: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const asked = spawn(...COMMAND, { stdio: stdioOf(inputFd) });
    let text = "";
    asked.stdout?.setEncoding("utf8").on("data", (part: string) => {
      text += part;
    });
    asked.on("error", () => resolve(undefined));
    asked.on("close", (status) => resolve(settingsIn(text, status)));
  });
}

function stdioOf(inputFd: number): StdioOptions {
  return [inputFd, "pipe", "ignore"];
}

function settingsIn(text: string, status: number | null): string | undefined {
  const settings = status === 0 ? text.trim() : "";
  return settings === "" ? undefined : settings;
}
