/** One project per way to fail: what the user is told, on every engine. */

import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, inject, test } from "vitest";
import { Scope } from "../../../src/base/scope.ts";
import type { Debugger } from "../../../src/debugger/debugger.ts";
import type { Explanation } from "../../../src/debugger/explain/explanation.ts";
import { lookAndExplain } from "../../../src/debugger/explain/look-up.ts";
import { wantedFailure } from "../../../src/debugger/failures/failures.ts";
import { createDebugger } from "../../../src/debugger/runtime.ts";
import type { BuildRequest } from "../../../src/engine/build-request.ts";
import { fromDockerfile } from "../../../src/engine/build-sources.ts";
import { BuildkitEngine } from "../../../src/engine/buildkit/engine.ts";
import { parseAddress } from "../../../src/transport/address.ts";
import { REQUEST } from "../../support/debug-driver.ts";
import { outputIn } from "../../support/debugging.ts";
import { busyboxContext, forEachEngine } from "../../support/engines.ts";
import { nextWords } from "../../support/next-words.ts";
import type { TestEngine } from "../../support/test-engine.ts";

const failures = fileURLToPath(new URL("../../fixtures/builds/failures", import.meta.url));
const { signal } = new AbortController();

interface Row {
  readonly row: string;
  readonly request?: Partial<BuildRequest>;
  readonly headline: RegExp;
  /** In the reasons. */
  readonly why?: RegExp;
  /** What is offered first: a command, or a text to type. */
  readonly first: string;
  /** Where the engine is too old for the project's Dockerfile, it says that instead. */
  readonly old?: RegExp;
}

const rows: readonly Row[] = [
  { row: "exit-code", headline: /^step 3\/3 failed: exit code 3/, first: "shell" },
  {
    row: "program-missing",
    headline: /exit code 127: "gerp" not found in PATH$/,
    why: /look like it: grep\..*PATH of the step: \/usr\/local\/sbin:/,
    first: "shell",
  },
  {
    row: "program-missing-exec",
    headline: /exit code 1: "gerp" not found in PATH$/,
    why: /look like it: grep\./,
    first: "shell",
  },
  {
    row: "not-executable",
    headline: /exit code 126: "\/run\.sh" is not executable$/,
    why: /chmod/,
    first: "shell",
  },
  { row: "killed", headline: /exit code 137: killed by SIGKILL.*often out of memory$/, first: "shell" },
  {
    row: "wrong-format",
    headline: /"\/bin\/program" is not made for this machine/,
    why: /emulation/,
    first: "shell",
  },
  { row: "user-missing", headline: /user "app" does not exist/, why: /\/etc\/passwd/, first: "shell" },
  {
    row: "copy-missing",
    headline: /^step 3\/3 failed: COPY: "bulid\/app\.js" is not in the context$/,
    why: /there is "build\/app\.js"/,
    first: "edit",
  },
  {
    row: "copy-from-missing",
    headline: /COPY: "\/out\/dits.*" is not in stage build$/,
    why: /look like it: "\/out\/dist\/app\.js".*\/out is there and holds dist\//,
    first: "open-sought",
  },
  {
    row: "copy-onto-file",
    headline: /COPY: "\/app" is a file, and a directory is needed there$/,
    why: /^"\/app\/" ends with a slash/,
    first: "edit",
  },
  {
    row: "add-url",
    headline: /ADD http:\/\/127\.0\.0\.1:9\/archive\.tar\.gz: connection refused$/,
    why: /The engine fetches it/,
    first: "edit",
  },
  {
    row: "from-unreachable",
    headline: /cannot pull registry\.invalid\/tools\/node:99: (?:no network|host not found)$/,
    why: /Registry: registry\.invalid\. It did not ask for credentials\./,
    first: "edit",
  },
  {
    row: "frontend-image",
    headline: /# syntax=registry\.invalid\/frontend:1 cannot be pulled: (?:no network|host not found)$/,
    first: "edit",
  },
  { row: "secret-missing", headline: /secret "token" was not given$/, first: "secret id=token,src=PATH" },
  { row: "ssh-missing", headline: /ssh agent "default" was not given$/, first: "ssh default" },
  {
    row: "entitlement-network",
    headline: /RUN --network=host was not allowed for this build$/,
    first: "allow network.host",
    old: /^line 4: RUN: unknown flag --network$/,
  },
  {
    row: "exit-code",
    request: { allow: ["security.insecure"] },
    headline: /^the engine does not allow security\.insecure$/,
    why: /daemon\.json/,
    first: "rerun",
  },
  {
    row: "entitlement-security",
    headline: /^line 4: RUN: unknown flag --security$/,
    why: /# syntax=docker\/dockerfile:1-labs/,
    first: "edit",
  },
  { row: "parse-error", headline: /^line 3: unknown instruction RNU, did you mean RUN\?$/, first: "edit" },
  {
    row: "parse-flag",
    headline: /^line 2: COPY: unknown flag --form, did you mean --from\?$/,
    first: "edit",
  },
  {
    row: "unknown-target",
    request: { target: "ap" },
    headline: /^no stage "ap", did you mean app\?$/,
    why: /Stages: base, deps, app\./,
    first: "target",
  },
  {
    row: "unknown-stage",
    headline: /cannot pull docker\.io\/library\/desp:latest: /,
    why: /There is a stage "deps": did you mean it\?/,
    first: "edit",
  },
];

forEachEngine((engine) => {
  test.each(rows)(
    "$row $request: headline, reasons and what to do first",
    async ({ row, request, ...said }) => {
      const explanation = await explanationOf(engine, row, request);
      const old = engine.keepsFailedState ? undefined : said.old;
      expect(explanation?.headline).toMatch(old ?? said.headline);
      if (old !== undefined) return;
      expect(explanation?.why.join(" ")).toMatch(said.why ?? /^/);
      const [first] = explanation?.next ?? [];
      expect(first && nextWords(first)).toBe(said.first);
    },
  );

  test("a source that .dockerignore hides is named with the line that does it", async () => {
    const explanation = await explanationOf(engine, "copy-ignored");
    expect(explanation?.why).toEqual(["It exists, but .dockerignore line 3 keeps it from the build: build"]);
  });

  test("of two steps that fail in parallel one stops the build, and the other can be stood at", async () => {
    await using failing = await together(engine, "two-failures");
    const { debug } = failing;
    const explained = await lookAndExplain(debug, undefined, { signal });
    expect(explained?.headline).toMatch(/^step [34]\/6 failed: exit code [45]/);
    expect(explained?.cancelled).toBeUndefined();
    for (const step of [3, 4, 3] as const) {
      const wanted = wantedFailure(debug.state, debug.progress, { number: step });
      debug.dispatch({ kind: "show-failure", step: wanted });
      await debug.rest();
      const [other, code, name] = step === 3 ? [4, 5, "two"] : [3, 4, "one"];
      const { headline, also } = (await lookAndExplain(debug, undefined, { signal })) ?? {};
      expect(headline).toMatch(`step ${step}/6 failed: exit code ${9 - code}`);
      expect(also?.map((each) => each.headline)).toEqual([
        `step ${other}/6 failed: exit code ${code}: cannot ${name}`,
      ]);
    }
    // Each has states of its own, whichever is stood at; nothing has run again for that.
    if (!engine.keepsFailedState) return;
    expect(await outputIn(debug, 3, "failed", "cat /which")).toBe("of-one\n");
    expect(await outputIn(debug, 4, "failed", "cat /which")).toBe("of-two\n");
    expect(await outputIn(debug, 4, "base", "ls /which 2>&1")).toContain("No such file");
  });

  test("a step that was cancelled beside one that failed is no failure, and says so", async () => {
    await using failing = await together(engine, "cancelled-beside");
    const explained = await lookAndExplain(failing.debug, undefined, { signal });
    expect(explained?.headline).toMatch(/^step 3\/6 failed: exit code 4/);
    expect(explained?.also).toEqual([]);
    expect(explained?.cancelled).toBe("Step 4 was cancelled with it; it did not fail itself.");
    const why = (): unknown => wantedFailure(failing.debug.state, failing.debug.progress, { number: 4 });
    expect(why).toThrow("step 4 has not failed; failed: 3");
  });
});

// Engines given from outside have no registry, and keep what is tagged here.
describe.runIf(inject("privateSuite") !== undefined)("with a registry", () => {
  forEachEngine((engine) => {
    test("an image without the wanted tag cannot be pulled, and nobody asked for credentials", async () => {
      const explanation = await explanationOf(engine, "from-missing");
      // BuildKit 0.8 asks Docker Hub itself when the mirror does not have it.
      const why = engine.keepsFailedState ? "not found" : "(?:no network|host not found)";
      const headline = new RegExp(`cannot pull docker\\.io/library/busybox:99: ${why}$`);
      expect(explanation?.headline).toMatch(headline);
      expect(explanation?.why[0]).toBe("Registry: docker.io. It did not ask for credentials.");
    });

    test("an ONBUILD trigger that fails is named with the image that brought it", async () => {
      const base = 'FROM scratch\nADD busybox /bin/busybox\nONBUILD RUN ["/bin/busybox", "false"]\n';
      await using image = await project(engine, { files: { Dockerfile: base } });
      await image.run({ tags: ["bktui-test-onbuild:1"], load: true });
      expect(image.debug.state.phase.kind).toBe("finished");
      const explanation = await explanationOf(engine, "onbuild");
      expect(explanation?.headline).toMatch(/^step 2\/3 failed: exit code 1/);
      expect(explanation?.why[0]).toMatch(
        /FROM bktui-test-onbuild:1 in line 1 brings the trigger "ONBUILD RUN .*false/,
      );
    });
  });
});

/** A project of which two steps meet; they meet only each other. */
async function together(engine: TestEngine, row: string): Promise<Project> {
  const text = await readFile(join(failures, row, "Dockerfile"), "utf8");
  const files = { Dockerfile: text.replaceAll("rendezvous", randomUUID()) };
  const failing = await project(engine, { files });
  await failing.run({});
  return failing;
}

async function explanationOf(
  engine: TestEngine,
  row: string,
  request: Partial<BuildRequest> = {},
): Promise<Explanation | undefined> {
  await using failing = await project(engine, { fixture: join(failures, row) });
  await failing.run(request);
  return await lookAndExplain(failing.debug, await readFile(failing.dockerfile, "utf8"), { signal });
}

interface Project extends AsyncDisposable {
  readonly debug: Debugger;
  readonly dockerfile: string;
  /** Runs until the build stands. */
  run(request: Partial<BuildRequest>): Promise<void>;
}

async function project(
  { dockerHost, kind }: TestEngine,
  from: Parameters<typeof busyboxContext>[0],
): Promise<Project> {
  const scope = new Scope();
  const context = scope.own(await busyboxContext(from));
  const address = parseAddress(dockerHost, kind);
  const engine = scope.own(await BuildkitEngine.connect(address, { signal, origin: "test", env: {} }));
  const debug = scope.own(createDebugger(engine));
  const dockerfile = join(context.path, "Dockerfile");
  return {
    debug,
    dockerfile,
    run: async (request) => {
      const whole = {
        ...REQUEST,
        source: fromDockerfile(context.path, dockerfile),
        noCache: true,
        ...request,
      };
      debug.dispatch({ kind: "launch", request: whole, stopOnEntry: false });
      await debug.rest();
    },
    [Symbol.asyncDispose]: () => scope[Symbol.asyncDispose](),
  };
}
