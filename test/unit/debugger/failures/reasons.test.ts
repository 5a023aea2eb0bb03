/**
 * The engines' own texts, as dockerd 20.10.24 and 28.5.2 gave them for test/fixtures/builds/failures and, where a
 * registry or a file server had to answer, for one of those on the engine's own machine.
 */
import { describe, expect, test } from "vitest";
import { BktuiError } from "../../../../src/base/errors.ts";
import { frontendReasonOf } from "../../../../src/debugger/failures/frontend-reasons.ts";
import { type Reason, reasonOf } from "../../../../src/debugger/failures/reasons.ts";
import { FrontendFailed, SolveFailed } from "../../../../src/engine/failures.ts";
import type { Vertex } from "../../../../src/graph/graph.ts";
import { digestOf, makeGraph } from "../../../support/graphs.ts";

interface Seen {
  readonly text: string;
  readonly exitCode?: number;
  readonly lines?: readonly string[];
  /** What the failed vertex fetches. */
  readonly source?: string;
}

const steps: readonly (readonly [row: string, engine: string, seen: Seen, reason: Partial<Reason>])[] = [
  [
    "a command that fails",
    "28.5",
    {
      text: 'process "/bin/sh -c echo almost && echo \\"the reason\\" >&2 && exit 3" did not complete successfully: exit code: 3',
      exitCode: 3,
      lines: ["almost", "the reason"],
    },
    { kind: "exit", code: 3 },
  ],
  [
    "a command that fails",
    "20.10",
    {
      text: 'executor failed running [/bin/sh -c echo almost && echo "the reason" >&2 && exit 3]: exit code: 3',
      exitCode: 3,
      lines: ["almost", "the reason"],
    },
    { kind: "exit", code: 3 },
  ],
  [
    "a program that does not exist, said by busybox sh",
    "28.5",
    {
      text: 'process "/bin/sh -c gerp -r root /etc" did not complete successfully: exit code: 127',
      exitCode: 127,
      lines: ["/bin/sh: gerp: not found"],
    },
    { kind: "program-missing", program: "gerp", code: 127 },
  ],
  [
    "a program that does not exist, said by runc",
    "20.10",
    {
      text: "executor failed running [gerp root]: exit code: 1",
      exitCode: 1,
      lines: [
        'runc run failed: unable to start container process: exec: "gerp": executable file not found in $PATH',
      ],
    },
    { kind: "program-missing", program: "gerp", code: 1, byRuntime: true },
  ],
  [
    "a shell that does not exist",
    "28.5",
    {
      text: 'process "/bin/sh -c true" did not complete successfully: exit code: 1',
      exitCode: 1,
      lines: [
        'runc run failed: unable to start container process: exec: "/bin/sh": stat /bin/sh: no such file or directory',
      ],
    },
    { kind: "program-missing", program: "/bin/sh", code: 1, byRuntime: true },
  ],
  [
    "a file without the permission",
    "28.5",
    {
      text: 'process "/bin/sh -c /run.sh" did not complete successfully: exit code: 126',
      exitCode: 126,
      lines: ["/bin/sh: /run.sh: Permission denied"],
    },
    { kind: "not-executable", program: "/run.sh", code: 126 },
  ],
  [
    "a program of another processor",
    "20.10",
    {
      text: "executor failed running [/bin/program]: exit code: 1",
      exitCode: 1,
      lines: ["exec /bin/program: exec format error"],
    },
    { kind: "wrong-format", program: "/bin/program" },
  ],
  [
    "a killed command",
    "28.5",
    {
      text: 'process "/bin/sh -c x" did not complete successfully: exit code: 137',
      exitCode: 137,
      lines: ["Killed"],
    },
    { kind: "signal", code: 137, name: "SIGKILL" },
  ],
  [
    "a user that does not exist",
    "28.5",
    {
      text: 'process "/bin/sh -c true" did not complete successfully: unable to find user app: invalid argument',
    },
    { kind: "user-missing", user: "app" },
  ],
  [
    "a user that does not exist",
    "20.10",
    { text: "executor failed running [/bin/sh -c true]: unable to find user app: invalid argument" },
    { kind: "user-missing", user: "app" },
  ],
  [
    "a missing source",
    "28.5",
    {
      text: 'failed to compute cache key: failed to calculate checksum of ref 7158fa73-cf04::r6kmcd: "/dits/app.js": not found',
    },
    { kind: "source-missing", path: "/dits/app.js" },
  ],
  [
    "a missing source",
    "20.10",
    { text: 'failed to compute cache key: "/dits/app.js" not found: not found' },
    { kind: "source-missing", path: "/dits/app.js" },
  ],
  [
    "a missing directory of a stage",
    "20.10",
    {
      text: "failed to compute cache key: failed to walk /var/lib/docker/tmp/buildkit-mount2949047019/out/dits: lstat /var/lib/docker/tmp/buildkit-mount2949047019/out/dits: no such file or directory",
    },
    { kind: "source-missing", path: "/out/dits" },
  ],
  [
    "a missing source of a mount",
    "28.5",
    {
      text: 'process "/bin/busybox true" did not complete successfully: open /nope: no such file or directory',
    },
    { kind: "source-missing", path: "/nope" },
  ],
  [
    "a missing source of a mount",
    "20.10",
    {
      text: "executor failed running [/bin/busybox true]: exit code: 1",
      exitCode: 1,
      lines: [
        'runc run failed: unable to start container process: error during container init: error mounting "/var/lib/docker/overlay2/y6gs2dn/diff/nope" to rootfs at "/x": stat /var/lib/docker/overlay2/y6gs2dn/diff/nope: no such file or directory',
      ],
    },
    { kind: "source-missing", path: "/nope" },
  ],
  [
    "a URL that does not answer with a file",
    "28.5",
    {
      text: "failed to load cache key: invalid response status 404",
      source: "http://files.test/x.tgz",
    },
    {
      kind: "url",
      url: "http://files.test/x.tgz",
      problem: { kind: "not-found", words: "404", text: "invalid response status 404" },
    },
  ],
  [
    "a file with another checksum",
    "28.5",
    { text: "digest mismatch sha256:2cf24d: sha256:24454f", source: "http://files.test/x.tgz" },
    { kind: "checksum", url: "http://files.test/x.tgz", got: "sha256:2cf24d", wanted: "sha256:24454f" },
  ],
  [
    "an image of COPY --from that does not exist",
    "20.10",
    {
      text: "failed to load cache key: registry.test/missing:1: not found",
      source: "docker-image://registry.test/missing:1",
    },
    {
      kind: "image",
      image: "registry.test/missing:1",
      problem: { kind: "not-found", words: "not found", text: "registry.test/missing:1: not found" },
    },
  ],
  [
    "a secret that was not given",
    "28.5",
    { text: "secret token: not found" },
    { kind: "secret", id: "token", text: "not found" },
  ],
  [
    "a secret that was not given",
    "20.10",
    { text: "secret token not found: not found" },
    { kind: "secret", id: "token", text: "not found" },
  ],
  [
    "an agent that was not given",
    "28.5",
    { text: 'no SSH key "" forwarded from the client' },
    { kind: "ssh", id: "default" },
  ],
  [
    "host network that was not allowed",
    "28.5",
    { text: "failed to load LLB: network.host is not allowed" },
    { kind: "entitlement", name: "network.host", refusedBy: "build" },
  ],
  ["a file operation that cannot run twice", "20.10", { text: "duplicate output 0" }, { kind: "stuck" }],
  [
    "a copy onto a file",
    "20.10",
    { text: "mkdir /var/lib/docker/overlay2/lugtqva/merged/app: not a directory" },
    { kind: "wrong-kind", path: "/app", text: "mkdir /app: not a directory" },
  ],
];

describe("why a step failed", () => {
  test.each(steps)("%s (dockerd %s)", (_row, _engine, { text, exitCode, lines, source }, reason) => {
    const failure = new SolveFailed(text, {
      vertex: undefined,
      exitCode,
      ranges: [],
      states: undefined,
    });
    expect(reasonOf(failure, lines ?? [], source === undefined ? undefined : fetching(source))).toEqual(
      reason,
    );
  });

  test.each([
    ["dash", "/bin/sh: 1: npx: not found"],
    ["bash", "/bin/bash: line 1: npx: command not found"],
    ["zsh", "zsh:1: command not found: npx"],
    ["GNU env", "/usr/bin/env: ‘npx’: No such file or directory"],
    ["busybox env", "env: can't execute 'npx': No such file or directory"],
  ])("%s names the program that it did not find", (_shell, line) => {
    const failure = new SolveFailed("exit code: 127", {
      vertex: undefined,
      exitCode: 127,
      ranges: [],
      states: undefined,
    });
    expect(reasonOf(failure, ["before", line, "make: *** failed"], undefined)).toMatchObject({
      program: "npx",
    });
  });
});

const pulls: readonly (readonly [row: string, engine: string, text: string, image: string, words: string])[] =
  [
    [
      "an image that does not exist",
      "28.5",
      "registry.test/a:1: failed to resolve source metadata for registry.test/a:1: registry.test/a:1: not found",
      "registry.test/a:1",
      "not found",
    ],
    [
      "an image that does not exist",
      "20.10",
      "registry.test/a:1: not found",
      "registry.test/a:1",
      "not found",
    ],
    [
      "a registry without a way to it",
      "28.5",
      'registry.test/a:1: failed to resolve source metadata for registry.test/a:1: failed to do request: Head "https://registry.test/v2/a/manifests/1": dial tcp: lookup registry.test on 10.0.0.1:53: dial udp 10.0.0.1:53: connect: network is unreachable',
      "registry.test/a:1",
      "no network",
    ],
    [
      "a registry without a way to it",
      "20.10",
      'failed to do request: Head "https://registry.test/v2/a/manifests/1": dial tcp: lookup registry.test on 10.0.0.1:53: dial udp 10.0.0.1:53: connect: network is unreachable',
      "registry.test/a:1",
      "no network",
    ],
    [
      "a registry that wants a password",
      "28.5",
      "registry.test/a:1: failed to resolve source metadata for registry.test/a:1: unexpected status from HEAD request to http://registry.test/v2/a/manifests/1: 401 Unauthorized",
      "registry.test/a:1",
      "unauthorized",
    ],
    [
      "a registry that denies",
      "28.5",
      "registry.test/a:1: failed to resolve source metadata for registry.test/a:1: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed",
      "registry.test/a:1",
      "unauthorized",
    ],
    [
      "a registry that denies",
      "20.10",
      "pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed",
      "registry.test/a:1",
      "unauthorized",
    ],
    [
      "a registry that wants a password",
      "20.10",
      "pulling from host registry.test failed with status code [manifests 1]: 401 Unauthorized",
      "registry.test/a:1",
      "unauthorized",
    ],
    [
      "a limit of the registry",
      "20.10",
      "pulling from host registry.test failed with status code [manifests 1]: 429 Too Many Requests",
      "registry.test/a:1",
      "too many requests, a limit of the registry",
    ],
    [
      "a registry out of order",
      "28.5",
      "registry.test/a:1: failed to resolve source metadata for registry.test/a:1: unexpected status from HEAD request to http://registry.test/v2/a/manifests/1: 500 Internal Server Error",
      "registry.test/a:1",
      "500",
    ],
    [
      "an image for other platforms",
      "28.5",
      "registry.test/a:1: failed to resolve source metadata for registry.test/a:1: no match for platform in manifest: not found",
      "registry.test/a:1",
      "not made for this platform",
    ],
    [
      "an image for other platforms",
      "20.10",
      "no match for platform in manifest sha256:cd5361: not found",
      "registry.test/a:1",
      "not made for this platform",
    ],
  ];

describe("why a file was refused", () => {
  test.each(pulls)("%s (dockerd %s)", (_row, _engine, text, image, words) => {
    // Where the text names no image, the engine's own vertex does.
    const vertices = text.includes("registry.test/")
      ? []
      : ["[internal] load metadata for registry.test/a:1"];
    const reason = frontendReasonOf(new FrontendFailed(text, []), vertices);
    expect(reason).toMatchObject({ kind: "pull", image, problem: { words } });
  });

  test.each([
    [
      "dockerfile parse error on line 3: unknown instruction: RNU (did you mean ENV?)",
      { kind: "instruction", word: "RNU" },
    ],
    ["dockerfile parse error line 3: unknown instruction: RNU", { kind: "instruction", word: "RNU" }],
    [
      "dockerfile parse error on line 2: unknown flag: --form (did you mean from?)",
      { kind: "flag", flag: "form" },
    ],
    ["dockerfile parse error line 2: Unknown flag: form", { kind: "flag", flag: "form" }],
    ['failed to parse stage name "node:": invalid reference format', { kind: "image-name", name: "node:" }],
    [
      "dockerfile parse error on line 2: ADD requires at least two arguments",
      { kind: "other", text: "ADD requires at least two arguments" },
    ],
  ])("%s", (text, problem) => {
    expect(frontendReasonOf(new FrontendFailed(text, []), [])).toMatchObject({ kind: "syntax", problem });
  });

  test.each([
    'target stage "ap" could not be found (did you mean app?)',
    "target stage ap could not be found",
  ])("%s", (text) => {
    expect(frontendReasonOf(new FrontendFailed(text, []), [])).toEqual({ kind: "target", name: "ap" });
  });

  test("an engine that grants no entitlement is told from a build that did not ask for it", () => {
    const text = "granting entitlement security.insecure is not allowed by build daemon configuration";
    expect(frontendReasonOf(new BktuiError("engine", text), [])).toEqual({
      kind: "given",
      reason: { kind: "entitlement", name: "security.insecure", refusedBy: "engine" },
    });
  });
});

function fetching(identifier: string): Vertex | undefined {
  return makeGraph(undefined, [{ id: "source", kind: "source", identifier }]).vertices.get(
    digestOf("source"),
  );
}
