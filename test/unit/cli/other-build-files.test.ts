import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { isOtherBuildName, otherBuildFile } from "../../../src/cli/other-build-files.ts";

const CASES = new URL("../../fixtures/cases/30-compose-bake/", import.meta.url);
const commands = (name: string, text: string): readonly string[] | undefined =>
  otherBuildFile(`/p/${name}`, text)?.commands;

describe("a Compose file", () => {
  test("is known by its name or its services, with a command line for each service that is built", () => {
    const text = readFileSync(new URL("compose.yaml", CASES), "utf8");
    expect(otherBuildFile("/p/compose.yaml", text)).toEqual({
      what: "a Compose file",
      isCompose: true,
      commands: ["bktui --build-arg A=1 /p  (service web)"],
    });
    expect(otherBuildFile("/p/stack.yml", text)?.what).toBe("a Compose file");
    expect(otherBuildFile("/p/docker-compose.prod.yml", "")?.what).toBe("a Compose file");
  });

  test("is read in its plain forms; what cannot be read surely is left out", () => {
    const text = `x-all: &all
  restart: always
services:
  db:
    image: postgres
  api:
    <<: *all
    build:
      context: ./api   # here
      dockerfile: Docker.api
      target: prod
      args:
        VERSION: "1.2"
        NAME: two words
  listed:
    build:
      args:
        - A=1
  variable:
    build: \${DIR}
  anchored:
    build:
      <<: *all
      context: x
  inline:
    build:
      dockerfile_inline: FROM x
  remote:
    build: https://x.test/y.git
  short:
    build: ./web
networks:
  build: none
`;
    expect(commands("docker-compose.yml", text)).toEqual([
      "bktui -f /p/api/Docker.api --target prod --build-arg VERSION=1.2 --build-arg 'NAME=two words' /p/api  (service api)",
      "bktui --build-arg A=1 /p  (service listed)",
      "bktui /p/web  (service short)",
    ]);
  });

  test.each([
    [
      "a list with quotes around its items",
      ['- "A=1"', "- 'B=two words'"],
      "--build-arg A=1 --build-arg 'B=two words'",
    ],
    ["quotes that are the value's own", ['- A="1"'], "--build-arg 'A=\"1\"'"],
    ["names from the environment", ["- VERSION", "- A="], "--build-arg VERSION --build-arg A="],
    ["names without a value", ["VERSION:", "A: null"], "--build-arg VERSION --build-arg A"],
    [
      "plain values",
      ["A: 1.2.3", "B: 7", "C: true", 'D: "1.10"'],
      "--build-arg A=1.2.3 --build-arg B=7 --build-arg C=true --build-arg D=1.10",
    ],
    ["a URL", ["PROXY: http://proxy:3128"], "--build-arg PROXY=http://proxy:3128"],
  ])("takes over %s", (_name, lines, expected) => {
    const args = lines.map((line) => `        ${line}\n`).join("");
    const text = `services:\n  web:\n    build:\n      context: .\n      args:\n${args}    ports:\n      - 80:80\n`;
    expect(commands("compose.yaml", text)).toEqual([`bktui ${expected} /p  (service web)`]);
  });

  // The sentence without a command line is better than a command line that builds something else.
  test.each([
    ["arguments in flow style", ["args: {A: 1}"]],
    ["arguments from elsewhere", ["args: *common"]],
    ["an item with an open quote", ["args:", '  - "A=1 #2"', "  - B=2"]],
    ["an item that is a mapping", ["args:", "  - A: 1"]],
    ["an argument with a strange name", ["args:", "  A: 1", '  "B C": 2']],
    ["a value over two lines", ["args:", "  A: one", "    two"]],
    ["a variable", ["args:", "  - A=$HOME"]],
    ["merged arguments", ["args:", "  <<: *common", "  A: 1"]],
    ["an alias as value", ["args:", "  A: *a"]],
    ["an escape", ["args:", '  A: "1\\n"']],
    ["a number that YAML writes anew", ["args:", "  A: 1.10"]],
    ["an octal number", ["args:", "  A: 0755"]],
    ["more contexts", ["additional_contexts:", "  lib: ../lib"]],
    ["a context over two lines", ["context: a", "  b"]],
  ])("is left out with %s", (_name, lines) => {
    const text = `services:\n  web:\n    build:\n${lines.map((line) => `      ${line}\n`).join("")}`;
    expect(commands("compose.yaml", text)).toEqual([]);
  });

  test("is left out where a service extends another", () => {
    expect(commands("compose.yaml", "services:\n  a:\n    extends: b\n    build: .\n")).toEqual([]);
  });

  test("with many services says how many more there are", () => {
    const services = Array.from({ length: 7 }, (_, at) => `  s${at}:\n    build: d${at}\n`).join("");
    expect(commands("compose.yaml", `services:\n${services}`)?.at(-1)).toBe("… and 2 more");
  });
});

describe("a Bake file", () => {
  test("is read as HCL where it has no variables and inherits nothing", () => {
    const text = readFileSync(new URL("docker-bake.hcl", CASES), "utf8");
    expect(commands("docker-bake.hcl", text)).toEqual(["bktui --build-arg A=1 /p  (target web)"]);
    const more = `variable "TAG" { default = "x" }
target "a" {
  args = {
    V = "1"
    W = TAG
  }
}
target "b" {
  context = "c"
  dockerfile = "b.Dockerfile"
  target = "end"
  tags = ["x:\${TAG}"]
}
target "c" {
  inherits = ["b"]
}
target "d" {
  context = "\${TAG}"
}
`;
    expect(commands("docker-bake.override.hcl", more)).toEqual([
      "bktui -f /p/c/b.Dockerfile --target end /p/c  (target b)",
    ]);
  });

  test("is left out with arguments from elsewhere, and where a block ends in its first line", () => {
    expect(commands("docker-bake.hcl", 'target "a" {\n  args = merge({ A = "1" }, common)\n}\n')).toEqual([]);
    const text = 'target "a" { context = "x" }\ntarget "b" {\n  target = "y"\n}\n';
    expect(commands("docker-bake.hcl", text)).toEqual([]);
    expect(commands("docker-bake.json", '{"target":{"a":{"args":["A=1"]}}}')).toEqual([]);
  });

  test("is read as JSON", () => {
    const text =
      '{"target":{"x":{"context":"x","args":{"A":"1"}},"y":{"inherits":["x"]},"z":{"args":{"B":2}}}}';
    expect(commands("docker-bake.json", text)).toEqual(["bktui --build-arg A=1 /p/x  (target x)"]);
    expect(commands("docker-bake.json", "{")).toEqual([]);
    expect(commands("package.json", '{"name":"x"}')).toBeUndefined();
  });
});

test("what begins like a Dockerfile is one, whatever its name is", () => {
  for (const name of ["compose.yaml", "docker-bake.hcl", "x.json", "Dockerfile", "Containerfile"])
    expect(otherBuildFile(`/p/${name}`, "# syntax=x\nFROM scratch\n")).toBeUndefined();
  expect(otherBuildFile("/p/Dockerfile", "services:\n")).toBeUndefined();
  expect(["compose.yml", "docker-compose.yaml", "docker-bake.json"].every(isOtherBuildName)).toBe(true);
  expect(["composer.json", "Dockerfile", "bake.txt"].some(isOtherBuildName)).toBe(false);
});
