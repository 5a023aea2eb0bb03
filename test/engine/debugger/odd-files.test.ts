/** Files that are awkward to list, in images that have no programs, as real engines answer. */
import { expect, test } from "vitest";
import type { Debugger, FileChange } from "../../../src/debugger/debugger.ts";
import type { StepId } from "../../../src/graph/program.ts";
import { parseAddress } from "../../../src/transport/address.ts";
import { type Debugging, give, startDebugging } from "../../support/debugging.ts";
import { forEachEngine } from "../../support/engines.ts";

const signal = AbortSignal.timeout(120_000);

/** BASE has no /bin/sh: its files are listed by programs from elsewhere. */
const SETUP = [
  "$b mkdir -p /d/dir /d/empty",
  "echo abc > /d/size",
  "echo m > /d/mode",
  "echo one > /d/dir/x",
  "$b ln -s one /d/link",
  "echo t > '/d/touched\\n'",
  "$b touch /d/-f",
];
const CHANGES = [
  "echo abd > /d/size",
  "$b chmod 600 /d/mode",
  "$b ln -sf two /d/link",
  "$b rm -r /d/dir",
  "echo file > /d/dir",
  "$b touch -d '2001-02-03 04:05:06' '/d/touched\\n'",
  "echo 1 > '/d/two words'",
  "echo 2 > \"$(printf '/d/line\\nend')\"",
  "echo 3 > /d/-rf",
  "$b rm -- /d/-f",
  "$b mkfifo /d/pipe",
  "$b mknod /d/null c 1 3",
];
const CHANGED = [
  "+ /d/-rf",
  "- /d/-f",
  "+ /d/line\nend",
  "+ /d/null other",
  "+ /d/pipe other",
  "+ /d/two words",
  "- /d/dir/x",
  "~ /d/dir kind",
  "~ /d/link target",
  "~ /d/mode mode",
  "~ /d/size content",
];
const MOUNTS =
  "--mount=type=cache,target=/cache --mount=type=tmpfs,target=/d/tmp --mount=type=secret,id=none";

function run(commands: readonly string[], mounts = ""): string {
  return `RUN ${mounts} ${JSON.stringify(["/opt/busybox", "sh", "-c", ["set -e; b=/opt/busybox", ...commands].join("\n")])}\n`;
}

function dockerfile(last: readonly string[]): string {
  return `FROM scratch\nCOPY busybox /opt/busybox\n${run(SETUP)}${run(last, MOUNTS)}`;
}

function words({ path, kind, after, differs }: FileChange): string {
  const sign = { added: "+", removed: "-", changed: "~" }[kind];
  return [sign, path, ...(kind === "added" && after?.kind === "other" ? ["other"] : []), ...differs].join(
    " ",
  );
}

const STEP = 2 as StepId;

async function changed(debug: Debugger, side: "after" | "failed", step = STEP): Promise<readonly string[]> {
  const { changes, problems } = await debug.changes(step, side, { signal });
  expect(problems).toEqual([]);
  return changes.map(words).sort();
}

forEachEngine((engine) => {
  async function stopped(text: string, find?: Parameters<typeof startDebugging>[3]): Promise<Debugging> {
    const project = { files: { Dockerfile: text }, unique: true };
    const bench = await startDebugging(parseAddress(engine.dockerHost), project, {}, find);
    await give(bench.debug, "continue");
    return bench;
  }
  // BuildKit 0.8 leaves the mount points that it made in the layer.
  const stubs = engine.keepsFailedState ? [] : ["+ /cache", "+ /d/tmp"];
  const sides = engine.keepsFailedState ? (["after", "failed"] as const) : (["after"] as const);

  test.each(sides)("%s: kinds, names and modes; mount points of the engine are no changes", async (side) => {
    await using bench = await stopped(dockerfile(side === "failed" ? [...CHANGES, "exit 3"] : CHANGES));
    const { debug } = bench;
    expect(await changed(debug, side)).toEqual([...CHANGED, ...stubs].sort());
    const part = { offset: 0, length: 100, signal };
    const read = async (path: string): Promise<string> =>
      Buffer.from((await debug.readFile(STEP, side, { ...part, path })).bytes).toString();
    expect(await read("/d/line\nend")).toBe("2\n");
    expect(await read("/d/-rf")).toBe("3\n");
    for (const path of ["/d/pipe", "/d/null", "/d/dir/x", "/d"])
      await expect(read(path), path).rejects.toMatchObject({ code: "not-found" });
  });

  test.each(sides)("%s: a name that is no text spoils nothing but itself", async (side) => {
    const odd = ["$b mkdir /o", "echo 1 > \"$(printf '/o/caf\\351')\"", "echo 2 > /o/plain", "$b mkdir /p"];
    await using bench = await stopped(dockerfile(side === "failed" ? [...odd, "exit 3"] : odd));
    const { changes, problems } = await bench.debug.changes(STEP, side, { signal });
    const found = changes.map(words);
    expect(found).toEqual(expect.arrayContaining(["+ /o", "+ /p"]));
    if (problems.length === 0)
      expect(found).toEqual([...stubs, "+ /o", "+ /o/caf\ufffd", "+ /o/plain", "+ /p"]);
    else expect(problems).toEqual([expect.stringMatching(/^\/o could not be compared: /)]);
  });

  test.each(sides)(
    "%s: of many files that were written again only those with other content",
    async (side) => {
      const many = (from: number, to: number, each: string): string =>
        `i=${from}; while [ $i -lt ${to} ]; do ${each}; i=$((i+1)); done`;
      const put = (text: string): string => `echo ${text} > "/m/$((i / 100))/$i'"`;
      const setup = ["$b mkdir /m", many(0, 20, "$b mkdir /m/$i"), many(0, 2000, put("$i"))];
      const again = [many(0, 500, put("$i")), many(1500, 1503, put("x$i"))];
      const last = side === "failed" ? [...again, "exit 3"] : again;
      await using bench = await stopped(`FROM scratch\nCOPY busybox /opt/busybox\n${run(setup)}${run(last)}`);
      expect(await changed(bench.debug, side)).toEqual(
        [1500, 1501, 1502].map((name) => `~ /m/15/${name}' content`),
      );
    },
  );

  if (engine.keepsFailedState) {
    test("without programs anywhere it is said what is missing", async () => {
      const find = async () => ({ path: "/", architecture: "s390x" });
      await using bench = await stopped(dockerfile(["exit 3"]), find);
      await expect(changed(bench.debug, "failed")).rejects.toMatchObject({
        code: "not-now",
        message: expect.stringMatching(
          /BASE lacks a shell with find and stat, and there is no debug root: .*s390x/,
        ),
        hint: expect.stringContaining("--debug-image"),
      });
    });
  }
});
