import { describe, expect, test } from "vitest";
import { optionWords } from "../../../../src/console/records/option-words.ts";
import { atCommit } from "../../../../src/console/records/record-facts.ts";
import { secretsIn } from "../../../../src/console/records/secrets-in.ts";
import { lineOf } from "../../../../src/graph/graph.ts";

const wordsOf = (attributes: Readonly<Record<string, string>>, { platform = "", isOwn = true } = {}) =>
  optionWords({ attributes }, { platform: platform === "" ? undefined : platform, isOwn });

describe("options of a record", () => {
  test("become those of a docker build line", () => {
    const attributes = {
      "build-arg:V": "a=b c",
      "label:x.y": "",
      target: "app",
      platform: "linux/arm64",
      "add-hosts": "h=1.2.3.4,i=::1",
      ulimit: "nofile=1:2,nproc=3:3",
      "shm-size": "64",
      memory: "1024",
      "force-network-mode": "none",
      "image-resolve-mode": "pull",
      "context:img": "docker-image://busybox",
      "cache-imports": '[{"Type":"registry","Attrs":{"ref":"r/c"}}]',
      filename: "Df",
      "vcs:revision": "abc",
      "frontend.caps": "x",
    };
    expect(wordsOf(attributes)).toEqual({
      words: [
        "--build-arg=V=a=b c",
        "--label=x.y=",
        "--target=app",
        "--add-host=h=1.2.3.4",
        "--add-host=i=::1",
        "--ulimit=nofile=1:2",
        "--ulimit=nproc=3:3",
        "--shm-size=64",
        "--resource=memory=1024",
        "--network=none",
        "--pull",
        "--build-context=img=docker-image://busybox",
        "--platform=linux/arm64",
        "--cache-from=type=registry,ref=r/c",
      ],
      missing: [],
      notes: [],
    });
  });

  test("that steps are run anew for are left out, and so is what is not known; both are said", () => {
    const { words, notes } = wordsOf({ "no-cache": "", odd: "1", "cache-imports": "{" });
    expect(words).toEqual([]);
    expect(notes.join("\n")).toMatch(/ran all steps anew/);
    expect(notes.join("\n")).toMatch(/odd of the record is left out/);
    expect(notes.join("\n")).toMatch(/caches .* are left out/);
  });

  test("of several platforms are for that of the failed step", () => {
    const attributes = { platform: "linux/amd64,linux/arm64" };
    expect(wordsOf(attributes, { platform: "linux/arm64" }).words).toEqual(["--platform=linux/arm64"]);
    expect(wordsOf(attributes).words).toEqual(["--platform=linux/amd64"]);
    expect(wordsOf(attributes, { platform: "linux/s390x" }).words).toEqual(["--platform=linux/amd64"]);
  });

  test("never name anything of this machine by themselves", () => {
    const attributes = {
      "context:dir": "local:dir",
      "context:root": "/etc",
      "context:layout": "oci-layout://x@sha256:1",
      "context:other": "input:other",
      "force-network-mode": "host",
      "cache-imports":
        '[{"Type":"local","Attrs":{"src":"/etc"}},{"Type":"registry","Attrs":{"ref":"a,src=/etc"}}]',
    };
    const { words, missing, notes } = wordsOf(attributes, { isOwn: false });
    expect(words).toEqual([]);
    expect(missing.map(({ name }) => name)).toEqual(["dir", "root", "layout", "other"]);
    expect(notes.join("\n")).toMatch(/--network=host/);
    expect(wordsOf({ "force-network-mode": "host" }).words).toEqual(["--network=host"]);
  });

  test("cannot write to a terminal", () => {
    expect(wordsOf({ "odd\u001b[2J": "1" }).notes.join("")).toMatch(/^odd\^\[\[2J of/);
  });
});

describe("what an instruction takes that records do not hold", () => {
  test("is told by its mounts", () => {
    const text = [
      "FROM a",
      "RUN --mount=type=secret,id=npm,required --mount=type=cache,target=/c \\",
      "  --mount=type=secret,target=/run/token --mount=type=ssh true",
      "RUN --mount=type=ssh,id=deploy true",
    ].join("\r\n");
    const at = (start: number, end: number) => secretsIn(text, { start: lineOf(start), end: lineOf(end) });
    expect(at(2, 3)).toEqual({ secrets: ["npm", "token"], agents: ["default"] });
    expect(at(4, 4)).toEqual({ secrets: [], agents: ["deploy"] });
    expect(at(1, 1)).toEqual({ secrets: [], agents: [] });
  });
});

describe("a git context", () => {
  test.each([
    ["https://h/r.git", "https://h/r.git#abc"],
    ["https://h/r.git#main", "https://h/r.git#abc"],
    ["https://h/r.git#main:sub", "https://h/r.git#abc:sub"],
    ["git@h:r.git#:sub", "git@h:r.git#abc:sub"],
    ["https://h/r.git?branch=main", "https://h/r.git?branch=main"],
  ])("%s is taken at its commit", (url, at) => {
    expect(atCommit(url, "abc")).toBe(at);
    expect(atCommit(url, undefined)).toBe(url);
  });
});
