/** What an editor is told of builds that fail, and that each goes on once its cause is mended. */
import { writeFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { covers } from "../../support/dap-covers.ts";
import { debugBuild } from "../../support/dap-program.ts";
import { expectTranscript } from "../../support/dap-transcript.ts";
import { testEngines } from "../../support/engines.ts";

covers("exceptionInfo", "restart", "stackTrace", "supportsExceptionInfoRequest", "supportsRestartRequest");

interface Failing {
  readonly name: string;
  readonly dockerfile: string;
  readonly mended: string;
  /** Where the stack says it is. */
  readonly line: number;
  readonly says: RegExp;
}

const FAILING: readonly Failing[] = [
  {
    name: "failing-run",
    dockerfile: 'FROM busybox:1.36\nRUN echo before\nRUN echo "no compiler" >&2 && exit 3\n',
    mended: "FROM busybox:1.36\nRUN echo before\nRUN echo mended\n",
    line: 3,
    says: /exit code 3/,
  },
  {
    name: "failing-copy",
    dockerfile: "FROM busybox:1.36\nCOPY note.tx /\n",
    mended: "FROM busybox:1.36\nCOPY note.txt /\n",
    line: 2,
    says: /note\.tx/,
  },
  {
    name: "failing-copy-from",
    dockerfile:
      "FROM busybox:1.36 AS tool\nRUN echo tool > /tool\nFROM busybox:1.36\nCOPY --from=tool /tools /\n",
    mended: "FROM busybox:1.36 AS tool\nRUN echo tool > /tool\nFROM busybox:1.36\nCOPY --from=tool /tool /\n",
    line: 4,
    says: /tools/,
  },
  {
    name: "failing-from",
    dockerfile: "FROM localhost:1/no-such:1 AS other\nRUN echo never\n",
    mended: "FROM busybox:1.36 AS other\nRUN echo mended\n",
    line: 1,
    says: /no-such/,
  },
  {
    name: "parse-error",
    dockerfile: "FROM busybox:1.36\n\nRUNN echo never\n",
    mended: "FROM busybox:1.36\n\nRUN echo mended\n",
    line: 3,
    says: /RUNN/i,
  },
];

describe.each(testEngines())("$name", (engine) => {
  test.each(FAILING)("$name", async ({ name, dockerfile, mended, line, says }) => {
    const files = { Dockerfile: dockerfile, "note.txt": "a note\n" };
    await using dap = await debugBuild(engine, { files, launch: { stopOnEntry: false, noCache: true } });
    const { client } = dap;
    const { stopped, frames } = await dap.begin();
    expect(stopped).toMatchObject({ reason: "exception" });
    expect(frames[0]).toMatchObject({ line, source: { path: dap.dockerfile } });
    const info = await client.request("exceptionInfo", { threadId: stopped.threadId ?? 0 });
    expect(info.description).toMatch(says);
    await writeFile(dap.dockerfile, mended);
    await client.request("restart");
    await client.event("exited", ({ exitCode }) => exitCode === 0);
    await client.event("terminated");
    expect(await client.ask("exceptionInfo", { threadId: 1 })).toMatchObject({ success: false });
    await client.request("disconnect");
    expect(await dap.ended()).toBe(0);
    // The oldest engine says what is wrong in other words.
    const record = engine.version?.startsWith("20.") === true ? `${name}-20` : name;
    expectTranscript(client, record, { names: { CONTEXT: dap.context.path } });
  });
});
