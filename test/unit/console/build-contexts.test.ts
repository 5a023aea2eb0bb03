import { describe, expect, test } from "vitest";
import { isRemote, parseBuildContexts } from "../../../src/console/build-contexts.ts";

const AT = { cwd: "/project" };
const DIGEST = `sha256:${"a".repeat(64)}`;

describe("named contexts as docker buildx 0.37 reads them", () => {
  test.each([
    ["shared=shared", { name: "shared", from: { kind: "directory", path: "/project/shared" } }],
    ["shared=/abs/a=b", { name: "shared", from: { kind: "directory", path: "/abs/a=b" } }],
    [
      "docker.io/library/busybox:latest=.",
      { name: "busybox", from: { kind: "directory", path: "/project" } },
    ],
    ["busybox:1.36=x", { name: "busybox:1.36", from: { kind: "directory", path: "/project/x" } }],
    ["localhost:5000/a/b=x", { name: "localhost:5000/a/b", from: { kind: "directory", path: "/project/x" } }],
    [
      "base=docker-image://busybox:1.36",
      { name: "base", from: { kind: "reference", text: "docker-image://busybox:1.36" } },
    ],
    ["base=target:other", { name: "base", from: { kind: "reference", text: "target:other" } }],
    [
      "src=git://host/x.git#main:sub",
      { name: "src", from: { kind: "reference", text: "git://host/x.git#main:sub" } },
    ],
    [
      "lay=oci-layout://out",
      { name: "lay", from: { kind: "oci-layout", path: "/project/out", tag: undefined, digest: undefined } },
    ],
    [
      `lay=oci-layout:///a:b/out:v1@${DIGEST}`,
      { name: "lay", from: { kind: "oci-layout", path: "/a:b/out", tag: "v1", digest: DIGEST } },
    ],
    [
      "lay=oci-layout:///a@b/out",
      { name: "lay", from: { kind: "oci-layout", path: "/a@b/out", tag: undefined, digest: undefined } },
    ],
  ])("%s", (text, expected) => {
    expect(parseBuildContexts([text], AT)).toEqual([expected]);
  });

  test("the last one of a name counts, and an empty value is none", () => {
    expect(parseBuildContexts(["a=x", "", "a:latest=y"], AT)).toEqual([
      { name: "a", from: { kind: "directory", path: "/project/y" } },
    ]);
  });

  test.each([
    ["shared", /not NAME=VALUE/],
    ["Shared=.", /invalid context name/],
    ["a b=.", /invalid context name/],
    ["=.", /invalid context name/],
    ["a=", /the value is missing/],
  ])("%s is refused", (text, message) => {
    expect(() => parseBuildContexts([text], AT)).toThrow(message);
  });

  test.each([
    ["https://host/a.tar.gz", true],
    ["http://host/Dockerfile", true],
    ["git://host/a.git", true],
    ["git@github.com:a/b.git#main", true],
    ["ssh://git@host/a", true],
    ["github.com/a/b", true],
    ["./github.com/a", false],
    ["host:dir", false],
    ["ftp://host/a", false],
    ["dir", false],
  ])("%s is fetched by the engine: %s", (text, expected) => {
    expect(isRemote(text)).toBe(expected);
  });
});
