/** States as images and files, on real engines. */
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { Scope } from "../../../src/base/scope.ts";
import { openContainer } from "../../../src/console/exports/open-container.ts";
import type { Debugger } from "../../../src/debugger/debugger.ts";
import type { ExportedState } from "../../../src/debugger/exported.ts";
import type { StateShell } from "../../../src/debugger/shells/open-state.ts";
import { OpenStates } from "../../../src/debugger/shells/open-states.ts";
import { isReproduced, programOf } from "../../../src/debugger/state/inspect.ts";
import type { StateSide } from "../../../src/engine/engine.ts";
import { AlreadyThere } from "../../../src/engine/failures.ts";
import type { OutputSpec } from "../../../src/engine/outputs.ts";
import type { StepId } from "../../../src/graph/program.ts";
import { parseAddress } from "../../../src/transport/address.ts";
import { give, startDebugging } from "../../support/debugging.ts";
import { docker } from "../../support/docker-client.ts";
import { forEachEngine, testEngines } from "../../support/engines.ts";
import { STATE_LISTING } from "../../support/state-listing.ts";

const DEADLINE_MS = 120_000;
/** What fails leaves odd things, and takes others away. */
const DOCKERFILE = `FROM busybox:1.36
RUN mkdir -p /d/old /d/gone /behind && echo base > /d/replaced && echo x > /d/gone/x && echo under > /behind/file
WORKDIR /d
ENV WHO="step of it"
ARG GIVEN=arg
USER 0:5
RUN --mount=type=cache,target=/behind --mount=type=tmpfs,target=/mnt set -e; umask 0; \\
  rm -r gone; rm replaced; mkdir replaced; echo partial > partial; chown 1234:77 partial; chmod 4751 partial; \\
  ln -s partial link; ln partial name2; mkdir empty; chmod 1777 empty; mkfifo pipe; mknod null c 1 3; \\
  dd if=/dev/null of=sparse bs=1 seek=3M 2>/dev/null; echo end >> sparse; \\
  echo n > "$(printf 'no\\377utf8')"; echo l > "$(printf 'line\\nend')"; \\
  touch -d '2001-02-03 04:05:06' partial; echo c > /behind/cached; echo hidden > /mnt/t; exit 7
`;
const STEP = 3 as StepId;
let scope = new Scope();
afterEach(async () => {
  await scope[Symbol.asyncDispose]();
  scope = new Scope();
});

interface Printed {
  text: string;
}

/** Shells of one debugger, talked to by lines. */
class Shells {
  readonly states: OpenStates<Printed>;
  readonly #debug: Debugger;

  constructor(debug: Debugger) {
    this.#debug = debug;
    this.states = scope.own(
      new OpenStates<Printed>({
        debug,
        start: () => ({ talk: { kind: "lines" }, command: undefined, prompt: true }),
        show: ({ onData }) => {
          const printed = { text: "" };
          onData((chunk) => {
            printed.text += Buffer.from(chunk).toString("latin1");
          });
          return printed;
        },
      }),
    );
  }

  async open(side: StateSide): Promise<StateShell<Printed>> {
    const steps = programOf(this.#debug.state)?.steps ?? [];
    const step = steps[STEP];
    if (step === undefined) throw new Error("there is no step");
    const shell = this.states.open({ step, side, steps: steps.length });
    await shell.settled;
    return shell;
  }

  async says(shell: StateShell<Printed>, script: string): Promise<string> {
    if (shell.phase.kind !== "alive") throw new Error(`the shell is ${shell.phase.kind}`);
    const { display } = shell.phase;
    const mark = randomUUID();
    const from = display.text.length;
    this.states.write(shell, Buffer.from(`${script}; echo ${mark}\n`));
    await expect.poll(() => display.text.includes(`${mark}\n`), { timeout: 20_000 }).toBe(true);
    const said = display.text.slice(from);
    return said.slice(0, said.indexOf(mark));
  }
}

forEachEngine((engine) => {
  const { keepsFailedState } = engine;

  async function exported(
    debug: Debugger,
    side: StateSide,
    outputs: readonly OutputSpec[],
    { shells, force }: { readonly shells?: Shells; readonly force?: true } = {},
  ): Promise<ExportedState> {
    const place = { step: STEP, side, isReproduced: isReproduced(debug.state, STEP, side) };
    const open = shells === undefined ? undefined : openContainer(shells.states.all, place);
    const { signal } = new AbortController();
    return await debug.exportState(STEP, side, { outputs, open, force, onProgress: () => undefined, signal });
  }

  async function inImage(name: string, script: string): Promise<string> {
    const ended = await docker(engine, ["run", "--rm", "--network=none", name, "-c", script]);
    return ended.stdout + ended.stderr;
  }

  test("FAILED is an image that has what its shell shows and runs as the step would; BASE shows none of it", {
    timeout: DEADLINE_MS,
  }, async () => {
    await using bench = await startDebugging(parseAddress(engine.dockerHost), {
      files: { Dockerfile: DOCKERFILE },
      unique: true,
    });
    const { debug } = bench;
    expect(await give(debug, "continue")).toBe("before 7 exception");
    const directory = await mkdtemp(join(tmpdir(), "bktui-export-"));
    scope.defer(() => rm(directory, { recursive: true }));
    const id = randomUUID();
    const [failed, changed, base] = ["failed", "changed", "base"].map(
      (what) => `bktui-test-export:${what}-${id}`,
    );
    if (failed === undefined || changed === undefined || base === undefined) throw new Error("no names");
    scope.defer(async () => void (await docker(engine, ["image", "rm", "--force", failed, changed, base])));
    const image = (name: string): readonly OutputSpec[] => [
      { type: "docker", dest: undefined, attributes: { name } },
    ];

    const made = await exported(debug, "failed", image(failed));
    expect(made.way).toBe(keepsFailedState ? "captured" : "reproduced");
    expect(made.outputs).toEqual([{ kind: "loaded", names: [failed] }]);
    const shells = new Shells(debug);
    const shell = await shells.open("failed");
    // Where FAILED is made anew for each export and each shell, times are those of that run.
    if (keepsFailedState)
      expect(await inImage(failed, STATE_LISTING)).toBe(await shells.says(shell, STATE_LISTING));
    await shells.says(shell, "echo made > /d/made-in-shell; rm -r /d/old; chmod 711 /etc");
    const shown = await shells.says(shell, STATE_LISTING);
    await exported(debug, "failed", image(changed), { shells });
    expect(await inImage(changed, STATE_LISTING)).toBe(shown);
    expect(shown).toContain("./d/made-in-shell");
    expect(
      await inImage(
        changed,
        "stat -c %a /etc; cat /behind/file; ls -d /mnt /behind/cached; cat /.bktui/history",
      ),
    ).toMatch(/^711\nunder\nset -e; umask 0;.*exit 7\nls: \/mnt: .*\nls: \/behind\/cached: .*\n$/);

    const facts = "id -u; id -g; pwd; echo $WHO $GIVEN";
    expect(await inImage(changed, facts)).toBe("0\n5\n/d\nstep of it arg\n");
    const { stdout } = await docker(engine, [
      "image",
      "inspect",
      "--format",
      "{{json .Config.Labels}}",
      changed,
    ]);
    expect(JSON.parse(stdout)).toMatchObject({
      "dev.bktui.state": "failed",
      "dev.bktui.step": "4/4",
      "dev.bktui.line": "7-12",
      "dev.bktui.exit-code": "7",
      "dev.bktui.way": made.way,
      "dev.bktui.shell-changes": "true",
    });
    const history = await docker(engine, ["history", "--no-trunc", "--format", "{{.CreatedBy}}", changed]);
    expect(history.stdout).toMatch(/^RUN --mount=type=cache.*\n$/);

    const baseShell = await shells.open("base");
    const clean = await shells.says(baseShell, STATE_LISTING);
    expect((await exported(debug, "base", image(base))).way).toBe("solved");
    expect(await inImage(base, STATE_LISTING)).toBe(clean);
    expect(clean).not.toContain("partial");
    expect(await inImage(base, facts)).toBe("0\n5\n/d\nstep of it arg\n");

    // Neither the device nor the name that is no text can be in a directory.
    const local = [{ type: "local", dest: join(directory, "local"), attributes: {} }];
    const refused: unknown = await exported(debug, "failed", local, { shells }).catch((thrown) => thrown);
    expect(refused).toHaveProperty("hint", expect.stringMatching(/as a tar/));
    expect(await readdir(directory)).toEqual([]);

    // What is there stays.
    const tar = [{ type: "tar", dest: join(directory, "state.tar"), attributes: {} }];
    await exported(debug, "failed", tar, { shells });
    const before = (await stat(join(directory, "state.tar"))).mtimeMs;
    for (const outputs of [tar, image(changed)]) {
      const error: unknown = await exported(debug, "failed", outputs, { shells }).catch((thrown) => thrown);
      expect(error).toBeInstanceOf(AlreadyThere);
      expect(error).toHaveProperty("message", expect.stringContaining("there already"));
    }
    expect((await stat(join(directory, "state.tar"))).mtimeMs).toBe(before);
    await exported(debug, "failed", tar, { shells, force: true });
    expect((await readFile(join(directory, "state.tar"))).includes("made-in-shell")).toBe(true);
    expect((await stat(join(directory, "state.tar"))).mtimeMs).toBeGreaterThan(before);
  });
});

const [newest] = testEngines();
const gnuTar = execFileSync("tar", ["--version"]).includes("GNU tar");
test.runIf(gnuTar && newest !== undefined)(
  "extended attributes and holes are in what an image with GNU tar is exported as",
  { timeout: DEADLINE_MS },
  async () => {
    const fixture = await mkdtemp(join(tmpdir(), "bktui-gnu-"));
    scope.defer(() => rm(fixture, { recursive: true }));
    // This machine's tar, with what it is linked to.
    const tar = execFileSync("/bin/sh", ["-c", "command -v tar"]).toString().trim();
    const libraries = execFileSync("ldd", [tar]).toString().match(/\/\S+/g) ?? [];
    for (const file of [tar, ...libraries]) {
      await mkdir(join(fixture, "root", dirname(file)), { recursive: true });
      await copyFile(file, join(fixture, "root", file));
    }
    await writeFile(join(fixture, "x.tar"), withAttribute("noted", "user.note", "kept"));
    const Dockerfile = `FROM scratch
COPY busybox /bin/busybox
COPY root /
RUN ["/bin/busybox","ln","-s","busybox","/bin/sh"]
COPY x.tar /x.tar
RUN ${tar} --xattrs --xattrs-include='*' -xf /x.tar -C / && /bin/busybox dd if=/dev/null of=/holes bs=1 seek=64M && exit 5
`;
    const address = parseAddress(newest?.dockerHost ?? "");
    await using bench = await startDebugging(address, { fixture, files: { Dockerfile }, unique: true });
    const { debug } = bench;
    expect(await give(debug, "continue")).toBe("before 6 exception");
    const dest = join(fixture, "state.tar");
    const read: number[] = [];
    const made = await debug.exportState(4 as StepId, "failed", {
      outputs: [{ type: "tar", dest, attributes: {} }],
      onProgress: (progress) => {
        if (progress.kind === "status") read.push(progress.current);
      },
      signal: new AbortController().signal,
    });
    expect(made.notes).toEqual([]);
    expect((await readFile(dest)).includes("SCHILY.xattr.user.note=kept\n")).toBe(true);
    expect(execFileSync("tar", ["-tvf", dest]).toString()).toMatch(/ 67108864 [^\n]* holes\n/);
    // What is a hole there is not sent from the container.
    expect(Math.max(...read)).toBeLessThan(32 * 1024 * 1024);
  },
);

/** A tar of an empty file with an extended attribute, as PAX writes it. */
function withAttribute(name: string, attribute: string, value: string): Buffer {
  const record = ` SCHILY.xattr.${attribute}=${value}\n`;
  const length = record.length + 2;
  const extended = Buffer.alloc(512);
  extended.write(`${length}${record}`);
  const entry = (type: string, path: string, size: number): Buffer => {
    const block = Buffer.alloc(512);
    block.write(path);
    block.write(`0000644\0${"0000000\0".repeat(2)}`, 100);
    block.write(`${size.toString(8).padStart(11, "0")}\0${"0".repeat(11)}\0        ${type}`, 124);
    block.write("ustar\x0000", 257);
    const sum = block.reduce((total, byte) => total + byte, 0);
    block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    return block;
  };
  return Buffer.concat([entry("x", "PaxHeader", length), extended, entry("0", name, 0), Buffer.alloc(1024)]);
}
