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
