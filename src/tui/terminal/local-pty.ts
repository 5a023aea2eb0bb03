/** Terminals on this machine, through the optional package node-pty. */
import { BktuiError, toBktuiError } from "../../base/errors.ts";
import type { Size } from "../cells/rect.ts";

/** A program on a terminal of this machine. */
export interface LocalTerminal {
  write(data: Uint8Array): void;
  resize(columns: number, rows: number): void;
  pause(): void;
  resume(): void;
  /** At most one listener. */
  onData(listener: (data: Uint8Array) => void): void;
  onExit(listener: () => void): void;
  kill(): void;
}

export interface LocalProgram {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly size: Size;
}

/** Starts a program on a new terminal. @throws when this machine has no way to make one, or the program cannot start. */
export type StartLocal = (program: LocalProgram) => Promise<LocalTerminal>;

/** @throws {BktuiError} "unsupported" when node-pty is not installed or does not load here; "not-found" for the program. */
export async function startLocal({ command, cwd, env, size }: LocalProgram): Promise<LocalTerminal> {
  const pty = await loadPty();
  const [program = "", ...args] = command;
  try {
    const { columns: cols, rows } = size;
    const options = { name: "xterm-256color", cols, rows, cwd, env: { ...env }, encoding: null };
    const child = pty.spawn(program, args, options);
    return {
      write: (data) => child.write(Buffer.from(data)),
      resize: (columns, height) => child.resize(columns, height),
      pause: () => child.pause(),
      resume: () => child.resume(),
      // Without an encoding the bytes come as they are, whatever the package's types say (node-pty 1.2.0-beta.15).
      onData: (listener) => child.onData((data: unknown) => listener(bytesOf(data))),
      onExit: (listener) => child.onExit(() => listener()),
      kill: () => child.kill(),
    };
  } catch (error) {
    throw new BktuiError("not-found", `cannot start ${program}: ${toBktuiError(error).message}`, {
      cause: error,
    });
  }
}

async function loadPty(): Promise<typeof import("node-pty")> {
  try {
    return await import("node-pty");
  } catch (error) {
    throw new BktuiError(
      "unsupported",
      "node-pty is not installed beside bktui, or not made for this system",
      {
        cause: error,
      },
    );
  }
}

function bytesOf(data: unknown): Uint8Array {
  return data instanceof Uint8Array ? data : Buffer.from(String(data), "utf8");
}
