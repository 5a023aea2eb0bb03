import { describe, expect, test } from "vitest";
import { targetWords } from "../../../../src/cli/bake/target-words.ts";

const wordsOf = (target: Readonly<Record<string, unknown>>): readonly string[] =>
  targetWords("web", target, "/src").words;

describe("a target of bake --print", () => {
  test("becomes the options that its keys stand for, in the values of docker's command line", () => {
    const target = {
      annotations: ["index:a=b"],
      args: { V: "1", EMPTY: "", NOBODY: null },
      attest: [{ mode: "max", type: "provenance" }, { type: "sbom" }],
      "cache-from": [{ ref: "a/b", type: "registry" }, "c/d"],
      "cache-to": [{ type: "local", dest: "x,y" }],
      context: "app",
      contexts: { base: "target:base", extra: "cwd://../extra" },
      description: "the site",
      dockerfile: "D",
      "extra-hosts": { h: "1.2.3.4" },
      labels: { l: "two words" },
      network: "none",
      "no-cache": true,
      "no-cache-filter": ["x", "y"],
      output: [{ type: "local", dest: "out" }],
      platforms: ["linux/arm64", "linux/amd64"],
      policy: [{ disabled: true }],
      pull: false,
      resources: { memory: "1g" },
      secret: [
        { id: "tok", env: "TOK" },
        { id: "f", src: "s.txt" },
      ],
      "shm-size": "64m",
      ssh: [{ id: "default" }, { id: "k", paths: ["a", "b"] }],
      tags: ["web:1", "web:2"],
      target: "prod",
      ulimits: ["nofile=1:2"],
    };
    expect(targetWords("web", target, "/src")).toEqual({
      words: [
        "--annotation=index:a=b",
        "--build-arg=V=1",
        "--build-arg=EMPTY=",
        "--attest=type=provenance,mode=max",
        "--attest=type=sbom",
        "--cache-from=type=registry,ref=a/b",
        "--cache-from=c/d",
        '--cache-to=type=local,"dest=x,y"',
        "--build-context=base=target:base",
        "--build-context=extra=../extra",
        "--add-host=h=1.2.3.4",
        "--label=l=two words",
        "--network=none",
        "--no-cache",
        "--no-cache-filter=x",
        "--no-cache-filter=y",
        "--output=type=local,dest=out",
        "--platform=linux/arm64,linux/amd64",
        "--policy=disabled=true",
        "--resource=memory=1g",
        "--secret=id=tok,env=TOK",
        "--secret=id=f,src=s.txt",
        "--shm-size=64m",
        "--ssh=default",
        "--ssh=k=a,b",
        "--tag=web:1",
        "--tag=web:2",
        "--target=prod",
        "--ulimit=nofile=1:2",
        "--file=/src/app/D",
        "/src/app",
      ],
      inline: undefined,
      links: ["base"],
      notes: [],
    });
  });

  test("has its Dockerfile where docker looks for it", () => {
    expect(wordsOf({})).toEqual(["/src"]);
    expect(wordsOf({ context: "cwd://x", dockerfile: "Dockerfile" })).toEqual(["/src/x"]);
    expect(wordsOf({ context: "x", dockerfile: "cwd://D" })).toEqual(["--file=/src/D", "/src/x"]);
    expect(wordsOf({ context: "x", dockerfile: "/abs/D" })).toEqual(["--file=/abs/D", "/src/x"]);
    const remote = "https://github.com/a/b.git#main";
    expect(wordsOf({ context: remote, dockerfile: "sub/D" })).toEqual(["--file=sub/D", remote]);
    expect(targetWords("web", { "dockerfile-inline": "FROM x" }, "/src")).toMatchObject({
      words: ["--file=-", "/src"],
      inline: "FROM x",
    });
    expect(() => wordsOf({ context: "-" })).toThrow(/takes no context or Dockerfile from standard input/);
  });

  test("says of a key that nobody knows that it is left out, as visible text", () => {
    expect(targetWords("web", { "new\u001b[2Jkey": 1, call: "build" }, "/src")).toMatchObject({
      words: ["/src"],
      notes: [expect.stringMatching(/^target web: the key new.*key is not known, it is left out$/)],
    });
    expect(targetWords("web", { "new\u001b[2Jkey": 1 }, "/src").notes.join()).not.toContain("\u001b");
  });
});
