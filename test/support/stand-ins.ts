/** Programs in a directory of their own, for a PATH: what a dial command runs, where the real one cannot be had or must fail. */
import { readFileSync } from "node:fs";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

export class StandIns implements AsyncDisposable {
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async make(): Promise<StandIns> {
    return new StandIns(await mkdtemp(join(tmpdir(), "bktui-bin-")));
  }

  /** Before all other programs. */
  get path(): string {
    return [this.directory, process.env["PATH"] ?? ""].join(delimiter);
  }

  /** A shell script. */
  async script(name: string, text: string): Promise<void> {
    await this.#program(name, `#!/bin/sh\n${text}\n`);
  }

  /** Notes its arguments and joins its standard streams to a unix socket, as `dial-stdio` of docker and buildctl does. */
  async joining(name: string, socket: string): Promise<void> {
    const facts = JSON.stringify({ record: join(this.directory, `${name}.runs`), socket });
    await this.#program(name, `#!${process.execPath}\nconst { record, socket } = ${facts};\n${JOIN}`);
  }

  /** The arguments of each run of a joining program so far. */
  runs(name: string): readonly (readonly string[])[] {
    return this.lines(`${name}.runs`).map(argumentsIn);
  }

  /** What a script has written into a file here. */
  lines(file: string): readonly string[] {
    try {
      return readFileSync(join(this.directory, file), "utf8")
        .split("\n")
        .filter((line) => line !== "");
    } catch {
      // It has not run yet.
      return [];
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.directory, { recursive: true });
  }

  async #program(name: string, text: string): Promise<void> {
    await writeFile(join(this.directory, name), text);
    await chmod(join(this.directory, name), 0o755);
  }
}

function argumentsIn(line: string): readonly string[] {
  const parsed: unknown = JSON.parse(line);
  return Array.isArray(parsed) ? parsed.map(String) : [];
}

/** Ends when either side does. */
const JOIN = `
require("node:fs").appendFileSync(record, JSON.stringify(process.argv.slice(2)) + "\\n");
const engine = require("node:net").connect(socket);
engine.on("error", (error) => { console.error(error.message); process.exit(1); }).on("close", () => process.exit(0));
process.stdin.pipe(engine).pipe(process.stdout);
`;
