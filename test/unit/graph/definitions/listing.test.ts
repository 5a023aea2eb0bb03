import { describe, expect, it } from "vitest";
import { buildProgram } from "../../../../src/graph/build-program.ts";
import type { Graph } from "../../../../src/graph/graph.ts";
import { graphOutline, graphRowText } from "../../../../src/tui/panes/graph/graph-outline.ts";
import { LlbWriter, type Ref } from "../../../support/llb-writer.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;

interface Shown {
  readonly source: string;
  readonly graph: readonly string[];
}

/** What the source pane and the graph pane have of a definition. */
function shown(write: (llb: LlbWriter, image: Ref) => Ref): Shown {
  const llb = new LlbWriter();
  const image = llb.image(`docker.io/library/busybox:1.36@${DIGEST}`);
  return shownOf(llb.graph(write(llb, image)));
}

function shownOf(graph: Graph): Shown {
  const program = buildProgram(graph, "build.llb");
  const graphRows = graphOutline(program, undefined).rows.map((row) => {
    const indent = row.kind === "step" ? "  ".repeat(row.node.depth) : "";
    return `${indent}${graphRowText(row)}`.trimEnd();
  });
  return { source: program.text, graph: graphRows };
}

const IMAGE = `# Stage busybox
image busybox:1.36
  digest    ${DIGEST}
`;

describe("a definition without a source", () => {
  it("shows Merge and Diff by what they are of", () => {
    const { source, graph } = shown((llb, image) => {
      const base = llb.exec("mkdir /a", { on: image });
      const made = llb.exec("touch /a/b", { on: base });
      const other = llb.exec("touch /c", { on: base });
      return llb.merge([base, llb.diff(base, made), llb.diff(undefined, other, { name: "what other did" })]);
    });
    expect(source).toBe(`${IMAGE}exec mkdir /a
  on        busybox:1.36
  run       /bin/sh -c 'mkdir /a'

# Stage touch-a-b
exec touch /a/b
  on        mkdir /a
  run       /bin/sh -c 'touch /a/b'

# Stage diff
diff mkdir /a to touch /a/b
  lower     mkdir /a
  upper     touch /a/b

# Stage touch-c
exec touch /c
  on        mkdir /a
  run       /bin/sh -c 'touch /c'

# Stage what-other-did
diff what other did
  lower     scratch
  upper     touch /c

# Stage merge
merge mkdir /a + diff mkdir /a to touch /a/b + what other did
  layer     mkdir /a
  layer     diff mkdir /a to touch /a/b
  layer     what other did`);
    expect(graph).toEqual([
      "busybox image busybox:1.36",
      " exec mkdir /a",
      "  touch-a-b exec touch /a/b busybox",
      "  diff diff mkdir /a to touch /a/b busybox, touch-a-b",
      "  touch-c exec touch /c busybox",
      "  what-other-did diff what other did touch-c",
      "  merge merge mkdir /a + diff mkdir /a to touch /a/b + what other did busybox, diff, what-other-did",
    ]);
  });

  it("shows mounts of every kind, secret variables, limits and modes", () => {
    const { source, graph } = shown((llb, image) => {
      const context = llb.source("local://context", {
        "local.session": "x1",
        "local.followpaths": '["src"]',
      });
      return llb.exec(["npm", "ci", "--cache=/c d"], {
        on: image,
        name: "install",
        cwd: "/src",
        env: ["A=b c"],
        meta: {
          user: "app",
          hostname: "builder",
          extraHosts: [{ Host: "db", IP: "10.0.0.2" }],
          ulimit: [{ Name: "nofile", Soft: 10, Hard: 20 }],
          cgroupParent: "/builds",
          proxyEnv: { httpProxy: "http://me:password@proxy" },
          validExitCodes: [0, 3],
        },
        mounts: [
          { from: context, dest: "/src", selector: "/sub", readonly: true },
          { dest: "/c", mountType: 3, cacheOpt: { ID: "npm", sharing: 2 } },
          { from: image, dest: "/seeded", mountType: 3, cacheOpt: { ID: "seed" } },
          {
            dest: "/run/token",
            mountType: 1,
            secretOpt: { ID: "token", mode: 0o400, uid: 5, optional: true },
          },
          { dest: "/run/ssh", mountType: 2, SSHOpt: { ID: "default" } },
          { dest: "/tmp", mountType: 4, TmpfsOpt: { size: 64_000_000 } },
          { dest: "/out", output: 1 },
          { from: image, dest: "/lost" },
          // Of a kind that bktui does not know.
          { from: image, dest: "/odd", mountType: Number("9"), readonly: true },
        ],
        exec: {
          network: 2,
          security: 1,
          secretenv: [{ ID: "key", name: "KEY", optional: true }],
          cdiDevices: [{ name: "vendor.com/gpu=0" }],
        },
        metadata: {
          ignoreCache: true,
          linuxResources: { memory: 512_000_000, cpusetCpus: "0-1" },
          progressGroup: { id: "g", name: "packages" },
        },
      });
    });
    expect(source).toBe(`# Stage sources
local context
  local.followpaths ["src"]

${IMAGE}exec install
  on        busybox:1.36
  run       npm ci '--cache=/c d'
  dir       /src
  user      app
  env       A=b c
  env       KEY = secret key, optional
  mount     /src from context, path /sub, read-only
  mount     /c cache npm, locked
  mount     /seeded cache seed, from busybox:1.36
  mount     /run/token secret token, mode 0400, owner 5:0, optional
  mount     /run/ssh ssh default
  mount     /tmp tmpfs of 64 MB
  mount     /out from scratch, output 1
  mount     /lost from busybox:1.36, not kept
  mount     /odd of the unknown type 9, from busybox:1.36, read-only
  network   none
  security  insecure
  hostname  builder
  host      db 10.0.0.2
  proxy     httpProxy
  ulimit    nofile 10:20
  cgroup    /builds
  device    vendor.com/gpu=0
  accepts   exit 0, 3
  limit     memory 512 MB, cpus 0-1
  cache     ignored
  group     packages`);
    expect(graph).toEqual([
      "sources local context",
      "busybox image busybox:1.36",
      " exec install context ., cache /c, cache /seeded, secret token, ssh default, tmpfs /tmp, secret key",
    ]);
  });

  it("shows file actions with their options", () => {
    const { source } = shown((llb, image) => {
      const context = llb.source("local://context");
      const copied = llb.file(
        [
          {
            secondaryInput: 1,
            copy: {
              src: "/src/*.go",
              dest: "/app/",
              owner: { user: { byName: { name: "app", input: 0 } }, group: { byID: 10 } },
              mode: -1,
              followSymlink: true,
              dirCopyContents: true,
              attemptUnpackDockerCompatibility: true,
              createDestPath: true,
              allowWildcard: true,
              allowEmptyWildcard: true,
              timestamp: 1_700_000_000_000_000_000,
              includePatterns: ["a", "b c"],
              excludePatterns: ["*.md"],
              alwaysReplaceExistingDestPaths: true,
              modeStr: "u+x",
              requiredPaths: ["/src/main.go"],
            },
          },
        ],
        [image, context],
      );
      return llb.file(
        [
          { mkdir: { path: "/app/x", mode: 0o755, makeParents: true, timestamp: -1 } },
          { mkfile: { path: "/app/x/a b", mode: 0o644, data: Buffer.from("hello"), timestamp: -1 } },
          { symlink: { oldpath: "/app", newpath: "/link" } },
          { rm: { path: "/app/old*", allowWildcard: true, allowNotFound: true } },
          { input: 0, secondaryInput: 2, copy: { src: "/a", dest: "/b", mode: 0o600, timestamp: -1 } },
          {},
        ],
        [copied],
      );
    });
    expect(source).toBe(`# Stage sources
local context

${IMAGE}copy '/src/*.go' -> /app/
  on        busybox:1.36
  copy      '/src/*.go' -> /app/ from context, follows links, contents only, unpacks, makes directories, may be a pattern, may match nothing, replaces, only a 'b c', without '*.md', needs /src/main.go, owner app:10, time 2023-11-14T22:13:20.000Z, mode u+x
file mkdir /app/x, mkfile '/app/x/a b', symlink /link -> /app, rm '/app/old*', copy /a -> /b, unknown action
  on        '/src/*.go' -> /app/
  mkdir     /app/x, with parents, mode 0755
  mkfile    '/app/x/a b', 5 B, mode 0644
  symlink   /link -> /app
  rm        '/app/old*', may be missing, may be a pattern
  copy      /a -> /b from action 2, mode 0600
    onto    '/src/*.go' -> /app/`);
  });

  it("shows one action of a file op in its title", () => {
    const { source } = shown((llb, image) =>
      llb.file(
        [{ rm: { path: "/tmp/x" } }],
        [llb.file([{ symlink: { oldpath: "/a", newpath: "/b" } }], [image])],
      ),
    );
    expect(source).toBe(`${IMAGE}symlink /b -> /a
  on        busybox:1.36
rm /tmp/x
  on        /b -> /a`);
  });

  it("shows sources of every scheme, without what is of one run and what is secret", () => {
    const { source } = shown((llb, image) =>
      llb.merge([
        image,
        llb.source("git://user:pass@example.com/a.git#main", { "git.authtokensecret": "GIT_TOKEN" }),
        llb.source("https://me:secret@example.com/a.tar", {
          "http.filename": "a.tar",
          "http.header.authorization": "Bearer abc",
        }),
        llb.source(`oci-layout://store/image@${DIGEST}`, { "oci.session": "s", "oci.store": "layouts" }),
        llb.source(`docker-image+blob://docker.io/library/busybox@${DIGEST}`),
        llb.source(
          "local://context",
          { "local.unique": "u", "local.sharedkeyhint": "h" },
          { name: "load ." },
        ),
        llb.source("warp://somewhere/else", { "warp.factor": "9" }),
        llb.source("nonsense"),
      ]),
    );
    expect(source).toContain(`git ***@example.com/a.git#main
  git.authtokensecret GIT_TOKEN
https ***@example.com/a.tar
  http.filename a.tar
  http.header.authorization ***
`);
    expect(source).toContain(`blob docker.io/library/busybox\n  digest    ${DIGEST}\n`);
    expect(source).toContain(`oci-layout store/image\n  digest    ${DIGEST}\n  oci.store layouts\n`);
    expect(source).toContain("warp somewhere/else\n  warp.factor 9");
    expect(source).toContain("\nlocal load .\nsource nonsense\n");
    expect(source).not.toMatch(/pass|Bearer|secret@/);
  });

  it("shows Build, Passthrough and an op that nobody knows", () => {
    const { source, graph } = shown((llb, image) => {
      const file = llb.file([
        { mkfile: { path: "/x.llb", mode: 0o600, data: Buffer.from("…"), timestamp: -1 } },
      ]);
      const built = llb.op(
        {
          build: {
            builder: -1,
            inputs: { "buildkit.llb.definition": { input: 0 } },
            attrs: { "llbbuild.filename": "x.llb" },
          },
        },
        [file],
      );
      const passed = llb.op({ passthrough: { id: "both", outputs: [1, 0] } }, [built, image]);
      const unknown = llb.unknown(42, [passed, { ...passed, output: 1 }]);
      return llb.exec("ls", { on: unknown });
    });
    expect(source).toBe(`# Stage mkfile-x.llb
mkfile /x.llb
  on        scratch
  mkfile    /x.llb, 3 B, mode 0600

# Stage build
build /x.llb
  builder   the engine
  reads     buildkit.llb.definition of /x.llb
  llbbuild.filename x.llb

${IMAGE}passthrough both
  out 0     busybox:1.36
  out 1     build /x.llb

# Stage unknown-op-42
unknown op 42 both + both
  input     both
  input     both (output 1)
exec ls
  on        unknown op 42 both + both
  run       /bin/sh -c ls`);
    expect(graph).toEqual([
      "mkfile-x.llb mkfile /x.llb",
      "build build /x.llb mkfile-x.llb",
      "busybox image busybox:1.36",
      " passthrough both build, busybox",
      "unknown-op-42 unknown op 42 both + both busybox",
      " exec ls",
    ]);
  });

  it("shows a script line by line, and names that repeat each other with numbers", () => {
    const { source } = shown((llb, image) => {
      const first = llb.exec("set -e\nfor i in 1; do\n\techo $i\ndone\n", { on: image });
      const second = llb.exec("make", { on: first, name: "make" });
      return llb.exec("make", { on: second, name: "make" });
    });
    expect(source).toBe(`${IMAGE}exec set -e for i in 1; do echo $i done
  on        busybox:1.36
  run       /bin/sh -c
    |       set -e
    |       for i in 1; do
    |         echo $i
    |       done
exec make
  on        set -e for i in 1; do echo $i done
  run       /bin/sh -c make
exec make (2)
  on        make
  run       /bin/sh -c make`);
  });

  it("lets no text look like lines of its own", () => {
    const llb = new LlbWriter();
    const run = llb.exec(["a\nexec evil", "b"], {
      name: "one\n# Stage two\nexec three",
      env: ["A=1\n  on  x"],
    });
    const { source } = shownOf(llb.graph(run));
    expect(source).toBe(`# Stage one-stage-two-exec-three
exec one # Stage two exec three
  on        scratch
  run       'a exec evil' b
  env       A=1   on  x`);
  });
});
