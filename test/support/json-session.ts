/** bktui with --json as a program has it: lines in, lines out, each held against the schema. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { SCHEMA_FILE } from "../../scripts/schema.ts";
import { engineVariables } from "./engine-variables.ts";
import { validatorOf } from "./json-schema.ts";
import { programHome } from "./kept-code.ts";
import { program } from "./program.ts";
import { programEnvironment } from "./program-environment.ts";
import type { TestEngine } from "./test-engine.ts";

/** A line as it was read; what is in it is known by its type. */
export interface JsonLine {
  readonly type: string;
  readonly id?: string | number;
  readonly ok?: boolean;
  readonly command?: string;
  readonly result?: Readonly<Record<string, unknown>> & { readonly kind: string };
  readonly error?: { readonly code: string; readonly message: string };
  readonly [field: string]: unknown;
}

const problemsOf = validatorOf(JSON.parse(readFileSync(SCHEMA_FILE, "utf8")) as object);

/** @throws with what is wrong with a line. */
export function parsedLines(text: string): readonly JsonLine[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map(parsedLine);
}

function parsedLine(text: string): JsonLine {
  const line = JSON.parse(text) as JsonLine;
  const problems = problemsOf(line);
  if (problems.length > 0) throw new Error(`${text.slice(0, 2000)}\n${problems.slice(0, 10).join("\n")}`);
  return line;
}

/** The answer to a command by its id. */
export function answerTo(lines: readonly JsonLine[], id: string | number): JsonLine {
  const found = lines.find((line) => line.type === "answer" && line.id === id);
  if (found === undefined) throw new Error(`no answer to ${id}`);
  return found;
}

/** One that is talked with; disposing ends it. */
export class JsonSession implements AsyncDisposable {
  readonly child: ChildProcessWithoutNullStreams;
  readonly lines: JsonLine[] = [];
  stderr = "";
  readonly #home: AsyncDisposable;
  #rest = "";
  #broken: unknown;
  #wake: () => void = () => undefined;

  static async start(
    args: readonly string[],
    engine: TestEngine,
    {
      reads = true,
      env = {},
    }: { readonly reads?: boolean; readonly env?: Readonly<Record<string, string>> } = {},
  ): Promise<JsonSession> {
    const home = await programHome({});
    const variables = { HOME: home.path, ...engineVariables(engine), ...env };
    return new JsonSession(home, ["--json", ...args], { ...programEnvironment(), ...variables }, reads);
  }

  private constructor(
    home: AsyncDisposable,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
    reads: boolean,
  ) {
    this.#home = home;
    this.child = spawn(process.execPath, [program, ...args], { cwd: "/", env, stdio: "pipe" });
    this.child.stdin.on("error", () => undefined);
    this.child.on("close", () => this.#wake());
    this.child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    if (reads) this.read();
  }

  /** Begins to read what is printed. */
  read(): void {
    this.child.stdout.setEncoding("utf8").on("data", (text: string) => {
      const parts = `${this.#rest}${text}`.split("\n");
      this.#rest = parts.pop() ?? "";
      try {
        this.lines.push(...parts.map(parsedLine));
      } catch (error) {
        this.#broken ??= error;
      }
      this.#wake();
    });
  }

  send(...lines: readonly (string | object)[]): void {
    const texts = lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line)));
    this.child.stdin.write(texts.map((text) => `${text}\n`).join(""));
  }

  /** The first line that is wanted, as soon as it is there. @throws when the program ends before. */
  async until(isWanted: (line: JsonLine) => boolean): Promise<JsonLine> {
    for (let from = 0; ; ) {
      if (this.#broken !== undefined) throw this.#broken;
      const found = this.lines.slice(from).find(isWanted);
      if (found !== undefined) return found;
      from = this.lines.length;
      if (this.child.exitCode !== null) throw new Error(`it has ended: ${this.stderr}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async answer(id: string | number): Promise<JsonLine> {
    return await this.until((line) => line.type === "answer" && line.id === id);
  }

  /** Resolves with the exit code once all is read. */
  async ended(): Promise<number | null> {
    if (this.child.exitCode === null || !this.child.stdout.closed) await once(this.child, "close");
    if (this.#broken !== undefined) throw this.#broken;
    return this.child.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const closed = once(this.child, "exit");
      this.child.kill("SIGKILL");
      await closed;
    }
    await this.#home[Symbol.asyncDispose]();
  }
}
