import { describe, expect, test } from "vitest";
import { withoutDockerGlobals } from "../../../src/cli/docker-globals.ts";

function read(line: string): readonly [string, Readonly<Record<string, string>>] {
  const { argv, variables } = withoutDockerGlobals(line.split(" "));
  return [argv.join(" "), variables];
}

describe("options between docker and its command", () => {
  test.each<[string, string, Readonly<Record<string, string>>]>([
    ["docker --context far build .", "docker build .", { DOCKER_CONTEXT: "far", DOCKER_HOST: "" }],
    ["docker -c far buildx build .", "docker buildx build .", { DOCKER_CONTEXT: "far", DOCKER_HOST: "" }],
    ["docker -cfar build .", "docker build .", { DOCKER_CONTEXT: "far", DOCKER_HOST: "" }],
    ["docker --host=tcp://h:1 build .", "docker build .", { DOCKER_HOST: "tcp://h:1", DOCKER_CONTEXT: "" }],
    [
      "docker --tlsverify -H tcp://h:2 image build .",
      "docker image build .",
      { DOCKER_HOST: "tcp://h:2", DOCKER_CONTEXT: "", DOCKER_TLS_VERIFY: "1" },
    ],
    ["docker --tls build .", "docker build .", { DOCKER_TLS: "1" }],
    [
      "docker --tlsverify --tlscacert=ca.pem --tlscert=c.pem --tlskey=k.pem -H=tcp://h:2 build .",
      "docker --addr tcp://h:2 --tlscacert ca.pem --tlscert c.pem --tlskey k.pem build .",
      {},
    ],
    ["docker --config dir -D -l debug build -t x .", "docker --config dir --debug build -t x .", {}],
    ["docker --log-level=info buildx --builder dev build -", "docker buildx --builder dev build -", {}],
  ])("%s", (line, rest, variables) => {
    expect(read(line)).toEqual([rest, variables]);
  });

  test.each([
    "--context far .",
    "docker build --context far .",
    "docker --target x build",
    "docker --context far",
    "docker -c far ps",
    "docker",
  ])("%s stays as it is", (line) => {
    expect(read(line)).toEqual([line, {}]);
  });

  test("that contradict each other are refused, as by docker", () => {
    expect(() => read("docker -c far -H tcp://h:1 build .")).toThrow(/only one of --host and --context/);
  });
});
