/** What a step changed, and its files, as real engines answer. */
import { expect, test } from "vitest";
import type { Debugger, FileChange } from "../../../src/debugger/debugger.ts";
import { changedText } from "../../../src/debugger/files/file-text.ts";
import type { StepId } from "../../../src/graph/program.ts";
import { parseAddress } from "../../../src/transport/address.ts";
import { type Debugging, give, startDebugging } from "../../support/debugging.ts";
import { forEachEngine } from "../../support/engines.ts";

const signal = AbortSignal.timeout(60_000);

const BASE = `FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox","--install","-s","/bin"]
WORKDIR /d
RUN echo one > a && echo gone > b && echo same > touched && echo abc > size && ln -s a link && echo m > mode && echo s > suid && mkdir sub && echo x > sub/x
`;
/** Step 5 changes one thing of each kind. */
const CHANGES = [
  "echo two >> a",
  "rm -r b sub",
  "touch -d '2001-02-03 04:05:06' touched",
  "echo abd > size",
  "ln -sf b link",
  "chmod 600 mode",
  "chmod u+s suid",
  "mkdir -p new/deep",
  "echo 1234 > new/deep/f",
  "ln -s a 'new/to a'",
  "echo x > \"$(printf 'line\\nend \\033[31m ü')\"",
  "chown 5:6 /d/new",
].join(" && ");
const CHANGED = [
  "~ /d/a content",
  "- /d/b",
  "+ /d/line\nend \u001b[31m ü",
  "~ /d/link target",
  "~ /d/mode mode",
  "+ /d/new 5:6",
  "+ /d/new/deep",
  "+ /d/new/deep/f",
  "+ /d/new/to a -> a",
  "~ /d/size content",
  "- /d/sub",
  "- /d/sub/x",
  "~ /d/suid mode",
];

function words({ path, kind, after, differs }: FileChange): string {
  const sign = { added: "+", removed: "-", changed: "~" }[kind];
  const owner = kind === "added" && after?.uid !== 0 ? [`${after?.uid}:${after?.gid}`] : [];
  const target = kind === "added" && after?.kind === "link" ? [`-> ${after.target}`] : [];
  return [sign, path, ...owner, ...target, ...differs].join(" ");
}

function changesAt(debug: Debugger, step: number, side: "after" | "failed"): ReturnType<Debugger["changes"]> {
  return debug.changes((step - 1) as StepId, side, { signal });
}

async function textOf(
  debug: Debugger,
  step: number,
  side: "base" | "after" | "failed",
  path: string,
): Promise<string> {
  const part = { path, offset: 2, length: 100, signal };
  const { bytes, size } = await debug.readFile((step - 1) as StepId, side, part);
  return `${size} ${Buffer.from(bytes).toString()}`;
}

forEachEngine((engine) => {
  async function stopped(dockerfile: string): Promise<Debugging> {
    const bench = await startDebugging(parseAddress(engine.dockerHost), {
      files: { Dockerfile: dockerfile },
      unique: true,
    });
    await give(bench.debug, "continue");
    return bench;
  }

  test("what a finished step changed is found, and what it only touched is not", async () => {
    await using bench = await stopped(`${BASE}RUN ${CHANGES}\nRUN exit 3\n`);
    const { debug } = bench;
    const { changes, problems } = await changesAt(debug, 5, "after");
    expect(problems).toEqual([]);
    expect(changes.map(words).filter((line) => !line.endsWith(" /d"))).toEqual(CHANGED);
    expect(await textOf(debug, 5, "base", "/d/a")).toBe("4 e\n");
    expect(await textOf(debug, 5, "after", "/d/a")).toBe("8 e\ntwo\n");
    await expect(textOf(debug, 5, "after", "/d/none")).rejects.toMatchObject({ code: "not-found" });
    await expect(textOf(debug, 5, "after", "/d/new")).rejects.toMatchObject({ code: "not-found" });
  });

  if (engine.keepsFailedState) {
    test("what a failed step left is compared with BASE, listed and read", async () => {
      await using bench = await stopped(`${BASE}RUN ${CHANGES} && exit 3\n`);
      const { debug } = bench;
      const { changes, problems } = await changesAt(debug, 5, "failed");
      expect(problems).toEqual([]);
      expect(changes.map(words).filter((line) => !line.endsWith(" /d"))).toEqual(CHANGED);
      const names = async (path: string): Promise<readonly string[]> =>
        (await debug.files(4 as StepId, "failed", { path, signal })).map(
          ({ name, kind }) => `${kind} ${name}`,
        );
      expect(await names("/d/new")).toEqual(["directory deep", "link to a"]);
      await expect(names("/d/b")).rejects.toMatchObject({ code: "not-found" });
      expect(await textOf(debug, 5, "failed", "/d/a")).toBe("8 e\ntwo\n");
      // A link is followed within the state.
      expect(await textOf(debug, 5, "failed", "/d/new/../../d/new/deep/f")).toBe("5 34\n");
      expect(await textOf(debug, 5, "failed", "/bin/sh")).toMatch(/^\d{6,} LF/);
    });

    test("who gives up is told so at once, and does not spoil the answer of others", async () => {
      await using bench = await stopped(`${BASE}RUN ${CHANGES} && exit 3\n`);
      const stop = new AbortController();
      const given = bench.debug.changes(4 as StepId, "failed", { signal: stop.signal });
      const other = changesAt(bench.debug, 5, "failed");
      stop.abort();
      await expect(given).rejects.toMatchObject({ code: "cancelled" });
      expect((await other).changes.length).toBeGreaterThanOrEqual(CHANGED.length);
    });
  } else {
    test("an engine that keeps no FAILED state says where its files are", async () => {
      await using bench = await stopped(`${BASE}RUN exit 3\n`);
      await expect(changesAt(bench.debug, 5, "failed")).rejects.toMatchObject({
        code: "not-now",
        message: expect.stringContaining("keeps no FAILED state"),
      });
    });
  }

  test("the first step of a stage made everything that is there", async () => {
    await using bench = await stopped("FROM scratch\nCOPY Dockerfile /x/\nCOPY busybox /b\n");
    const { changes } = await changesAt(bench.debug, 1, "after");
    expect(changes.map(words)).toEqual(["+ /x", "+ /x/Dockerfile"]);
    const [, file] = changes;
    const read = (): Promise<never> => Promise.reject(new Error("nobody should read BASE"));
    const after = (part: {
      readonly offset: number;
      readonly length: number;
    }): ReturnType<Debugger["readFile"]> =>
      bench.debug.readFile(0 as StepId, "after", { path: "/x/Dockerfile", ...part, signal });
    const text = file && (await changedText(file, { before: read, after }, { signal }));
    expect(text?.rows.map(({ text: line }) => line)).toEqual([
      "FROM scratch",
      "COPY Dockerfile /x/",
      "COPY busybox /b",
    ]);
  });
});
