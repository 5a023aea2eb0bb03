/** docs/fidelity.md: what a shell shows, feature by engine, as the fidelity test last saw it. */
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const path = fileURLToPath(new URL("../../docs/fidelity.md", import.meta.url));

const HEAD = `# The shell is the step

A probe (\`test/fixtures/fidelity/probe.sh\`) runs as the command of a step and again in shells over the step's states BASE and FAILED, with and without a
terminal. "same" means: the reports are the same byte for byte. They show user, groups, capabilities, seccomp, signals, command line, environment,
directory, umask, hostname, /etc/hosts, resolv.conf, network interfaces, limits, every mount with its options, owner, mode and content, devices, and what
the kernel lets the process do. "differs" cells hold the words that bktui itself shows for it.

This file is written by \`BKTUI_WRITE_DOCS=1 npx vitest run --project engine test/engine/fidelity.test.ts\` and checked by the same test without the variable.

`;

const FOOT = `
Not compared, because it differs between any two containers: ids of control groups and namespaces, and directories of the engine in the options of mounts.
The order of variables has no meaning and is not compared. On a terminal these are added, as a terminal needs them: \`TERM=xterm\`, the device
\`/dev/console\` and its mount; line ends are CR LF there. Docker 20.10 keeps no failed state, so there BASE is all there is to compare.
`;

export class FidelityTable {
  readonly #written: string;
  readonly #cells = new Map<string, Map<string, string>>();
  readonly #columns: string[] = [];

  static async read(): Promise<FidelityTable> {
    // Before the first writing there is none.
    return new FidelityTable(await readFile(path, "utf8").catch(() => ""));
  }

  private constructor(written: string) {
    this.#written = written;
    const rows = written.split("\n").filter((line) => line.startsWith("| "));
    const [head = [], , ...body] = rows.map(cellsOf);
    for (const [feature = "", ...cells] of body) {
      for (const [index, cell] of cells.entries()) this.set(feature, head[index + 1] ?? "", cell);
    }
  }

  /** What was seen now, in place of what stands there. */
  set(feature: string, engine: string, words: string): void {
    const row = this.#cells.get(feature) ?? new Map<string, string>();
    this.#cells.set(feature, row.set(engine, words));
    if (!this.#columns.includes(engine)) this.#columns.push(engine);
  }

  /** The text as it should be, and as it is. Features that no case knows any more are left out. */
  compare(features: readonly string[]): { readonly is: string; readonly should: string } {
    return { is: this.#written, should: this.#text(features) };
  }

  async write(features: readonly string[]): Promise<void> {
    await writeFile(path, this.#text(features));
  }

  #text(features: readonly string[]): string {
    const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |\n`;
    const lines = features.map((feature) =>
      row([feature, ...this.#columns.map((column) => this.#cells.get(feature)?.get(column) ?? "not seen")]),
    );
    const head =
      row(["what the step has", ...this.#columns]) + row(["---", ...this.#columns.map(() => "---")]);
    return HEAD + head + lines.join("") + FOOT;
  }
}

function cellsOf(line: string): readonly string[] {
  return line
    .slice(1, -1)
    .split("|")
    .map((cell) => cell.trim());
}
