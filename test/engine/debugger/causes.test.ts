/** Causes that are looked for when a step fails: a project that has one and its sibling that has not, on every engine. */

import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Explanation } from "../../../src/debugger/explain/explanation.ts";
import { lookAndExplain } from "../../../src/debugger/explain/look-up.ts";
import { createDebugger } from "../../../src/debugger/runtime.ts";
import type { BuildRequest } from "../../../src/engine/build-request.ts";
import { fromDockerfile } from "../../../src/engine/build-sources.ts";
import { BuildkitEngine } from "../../../src/engine/buildkit/engine.ts";
import { parseAddress } from "../../../src/transport/address.ts";
import { REQUEST } from "../../support/debug-driver.ts";
import { debugRoot } from "../../support/debugging.ts";
import { busyboxContext, forEachEngine } from "../../support/engines.ts";
import { nextWords } from "../../support/next-words.ts";

const causes = fileURLToPath(new URL("../../fixtures/builds/causes", import.meta.url));
const { signal } = new AbortController();

interface Row {
  readonly cause: string;
  /** What headline and reasons say where it is so. */
  readonly says: RegExp;
  /** What is offered for it. */
  readonly offers?: string;
  /** What the sibling is given. */
  readonly given?: Partial<BuildRequest>;
  /** Reasons of the sibling that have nothing to do with the cause. */
  readonly otherwise?: RegExp;
  /** The Dockerfile takes a newer frontend than that of engines that keep no FAILED. */
  readonly newer?: true;
}

const SECRET = { secrets: [{ id: "token", from: { kind: "env", name: "PATH" } }] } as const;
const ZERO = "\\000";
const NO_PROGRAM = /^A program was not found\. PATH/;
const PATH = /^PATH of the step: \S+$/;

/**
 * Others build the same files, and empty their caches: those here have names of their own, and commands, as for BuildKit 0.25 the
 * name is no part of a step's cache key.
 */
async function ownCaches(fixture: string): Promise<Parameters<typeof busyboxContext>[0]> {
  const text = await readFile(join(fixture, "Dockerfile"), "utf8");
  const own = text
    .replaceAll(/(?<=--mount=type=cache\S*,id=)[\w-]+/g, (id) => `${id}-${randomUUID()}`)
    .replaceAll(/^RUN --mount=type=cache.*$/gm, (line) => `${line} && : ${randomUUID()}`);
  return { fixture, files: { Dockerfile: own } };
}

const rows: readonly Row[] = [
  {
    cause: "secret-named",
    says: / Secret "token" was not given: without it there is no \/run\/secrets\/token\.$/,
    offers: "secret id=token,src=PATH",
    given: SECRET,
  },
  {
    cause: "secret-unnamed",
    says: / Secret "token", which the step may use as \/run\/secrets\/token, was not given\.$/,
    offers: "secret id=token,src=PATH",
  },
  {
    cause: "ssh",
    says: / The ssh agent "default" was not given: without it there is no \$SSH_AUTH_SOCK\.$/,
    offers: "ssh default",
  },
  {
    cause: "entitlement",
    says: /RUN --network=host was not allowed for this build/,
    offers: "allow network.host",
    newer: true,
  },
  {
    cause: "other-machine",
    says: /"\/bin\/tool" cannot start \/bin\/tool is a program for s390x; the step is built for linux\/\w+ \(\w+\)/,
    otherwise: NO_PROGRAM,
  },
  {
    cause: "other-machine-of-step",
    says: /"\/tool" cannot start \/tool is a program for s390x; /,
    otherwise: NO_PROGRAM,
    newer: true,
  },
  {
    cause: "interpreter",
    says: /"\/bin\/tool" cannot start The first line of \/bin\/tool asks for \/opt\/python\/bin\/python3, which does not exist/,
    otherwise: PATH,
  },
  {
    cause: "carriage-return",
    says: /"\/run\.sh" cannot start The first line of \/run\.sh ends with CR, so "\/bin\/sh\^M" is sought/,
    otherwise: NO_PROGRAM,
  },
  {
    cause: "denied-read",
    says: /user \(1000:1000\) may not read \/data\/one: owner 0:0, mode 0600/,
  },
  {
    cause: "denied-directory",
    says: /user \(1000:1000\) may not enter \/data\/closed \(on the way to \/data\/closed\/deep\/one\): owner 0:0, mode 0700/,
  },
  { cause: "denied-write", says: /may not write in \/data: owner 0:0, mode 0755/ },
  {
    cause: "denied-run",
    says: /\/run\.sh: owner 0:0, mode 0644, so nobody may run it/,
    otherwise: /^It lacks the permission to be run\.$/,
  },
  {
    cause: "denied-cache",
    says: /may not write in \/var\/cache\/tool: owner 0:0, mode 0755.* --mount=type=cache,…,uid=1000 gives it/,
  },
  { cause: "read-only", says: /\/src\/made lies in the bind mount at \/src, which is read-only\. With rw/ },
  { cause: "left-in-cache", says: /\/cache\/out\/app is in the cache mount at \/cache of line 2:/ },
  { cause: "left-in-bind", says: /\/src\/Dockerfile is in the bind mount at \/src of line 2:/ },
  {
    cause: "left-in-tmpfs",
    says: /\/scratch\/one would lie in the tmpfs mount at \/scratch of line 2:/,
  },
  {
    cause: "left-in-cache-copied",
    says: /COPY: "\/target\/app" is not in stage build \/target\/app is in the cache mount at \/target of line 2:/,
    otherwise: /^\/(?:target)? is there and holds /,
  },
  {
    cause: "full-tmpfs",
    says: /\/scratch\/big lies in the tmpfs mount at \/scratch, which holds 1\.0 MB: size=… in the flag/,
    newer: true,
  },
  { cause: "full-shm", says: /\/dev\/shm\/big lies in \/dev\/shm, which holds 67 MB: --shm-size/ },
];

forEachEngine((engine) => {
  let buildkit: BuildkitEngine;

  beforeAll(async () => {
    const address = parseAddress(engine.dockerHost, engine.kind);
    buildkit = await BuildkitEngine.connect(address, {
      signal,
      origin: "test",
      env: process.env,
      findRootDirectory: debugRoot,
    });
  });
  afterAll(async () => {
    await buildkit[Symbol.asyncDispose]();
  });

  async function explained(
    from: Parameters<typeof busyboxContext>[0],
    given: Partial<BuildRequest> = {},
  ): Promise<Explanation | undefined> {
    await using context = await busyboxContext(
      from.fixture === undefined ? from : await ownCaches(from.fixture),
    );
    await using debug = createDebugger(buildkit);
    const dockerfile = join(context.path, "Dockerfile");
    const request = { ...REQUEST, source: fromDockerfile(context.path, dockerfile), ...given };
    debug.dispatch({ kind: "launch", request, stopOnEntry: false });
    await debug.rest();
    return await lookAndExplain(debug, undefined, { signal });
  }

  test("that a child was killed is not told as a lack of memory where the kernel counts none", async () => {
    const killed = await explained({ fixture: join(causes, "killed-child", "not-there") });
    expect(killed?.headline).toMatch(/^step 2\/2 failed: exit code 1/);
    expect(killed?.why).toEqual([]);
  });

  test("a loader that is missing is named, and one that is there is not", async () => {
    const machine = process.arch === "arm64" ? 0o267 : 0o76;
    // A header of 64 bits and one segment of it, PT_INTERP, with the path behind.
    const program = (loader: string): string =>
      [
        `\\177ELF\\002\\001\\001${ZERO.repeat(9)}\\002${ZERO}\\${machine.toString(8)}${ZERO}\\001${ZERO.repeat(3)}${ZERO.repeat(8)}`,
        `\\100${ZERO.repeat(7)}${ZERO.repeat(12)}\\100${ZERO}\\070${ZERO}\\001${ZERO}${ZERO.repeat(6)}`,
        `\\003${ZERO.repeat(7)}\\170${ZERO.repeat(23)}\\${(loader.length + 1).toString(8)}${ZERO.repeat(7)}${ZERO.repeat(16)}`,
        `${loader}${ZERO}`,
      ].join("");
    const text = (loader: string): string =>
      `FROM busybox:1.36\nRUN printf '${program(loader)}' > /bin/tool && chmod 755 /bin/tool\nRUN tool\n`;
    const is = await explained({ files: { Dockerfile: text("/lib64/ld-of-nothing-x86-64.so.2") } });
    expect([is?.headline, ...(is?.why ?? [])].join(" ")).toMatch(
      /"\/bin\/tool" cannot start \/bin\/tool needs the loader \/lib64\/ld-of-nothing-x86-64\.so\.2, which does not exist/,
    );
    const isNot = await explained({ files: { Dockerfile: text("/bin/busybox") } });
    expect(isNot?.why.join(" ")).not.toMatch(/loader/);
  });

  describe.each(rows)("$cause", ({ cause, says, offers, given, otherwise, newer }) => {
    test("is said where it is so, and not where it is not", async () => {
      const is = await explained({ fixture: join(causes, cause, "there") });
      if (newer !== true || engine.keepsFailedState) {
        expect([is?.headline, ...(is?.why ?? [])].join(" ")).toMatch(says);
        if (offers !== undefined) expect((is?.next ?? []).map(nextWords)).toContain(offers);
      }
      const isNot = await explained({ fixture: join(causes, cause, "not-there") }, given);
      expect(isNot?.headline).toMatch(/^step \d\/\d failed: /);
      expect(isNot?.headline).not.toMatch(says);
      expect(isNot?.why.filter((sentence) => otherwise?.test(sentence) !== true)).toEqual([]);
    });
  });
});
