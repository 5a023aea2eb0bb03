import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { MarkerFilter, reproducing } from "../../../src/debugger/reproduction.ts";
import type { StepEnvironment } from "../../../src/engine/engine.ts";

const MARKER = "bktui-mark";
const META: StepEnvironment["meta"] = {
  args: [],
  env: [],
  cwd: "/",
  user: "",
  hostname: "",
  extraHosts: [],
  proxyEnv: [],
  ulimits: [],
  network: "unset",
  security: "sandbox",
  secretEnv: [],
};

function run(command: readonly string[], typed: string): string {
  const meta: StepEnvironment["meta"] = { ...META, args: command, env: ["A=it's"] };
  const environment: StepEnvironment = { meta, mounts: [], shell: ["/bin/sh", "-c"] };
  const shells = [["/no/such"], ["/bin/sh"]];
  const [program = "", ...args] = reproducing({ environment, shells, env: ["X=a 'b' $PWD"], marker: MARKER });
  const env = { PATH: "/usr/bin:/bin", A: "it's" };
  return spawnSync(program, args, { input: typed, encoding: "utf8", env }).stdout;
}

test("the command sees its own environment and no input, the shell after it has its own and what is typed", () => {
  const script = 'read -r line; echo "[$line][$A][$X]"; exit 3';
  expect(run(["/bin/sh", "-c", script], 'echo "$X"\n')).toBe(`[][it's][]\n${MARKER}=3\na 'b' $PWD\n`);
});

test.each([1, 2, 5, 100])("the marker is replaced by words, in chunks of %i bytes", (size) => {
  const filtered = (text: string): string => {
    const filter = new MarkerFilter(MARKER, "\r\n");
    const chunks = Array.from({ length: Math.ceil(text.length / size) }, (_, at) =>
      Buffer.from(text.slice(at * size, (at + 1) * size)),
    );
    return Buffer.concat(chunks.map((chunk) => filter.push(chunk))).toString();
  };
  expect(filtered(`out bktui-\r\n${MARKER}=1\r\n# `)).toBe(
    "out bktui-\r\nattempt 2 failed with exit code 1; the shell opens where it left off\r\n# ",
  );
  expect(filtered(`half${MARKER}=0\r\n# `)).toBe("half\r\nattempt 2 passed this time: a flaky step\r\n# ");
});
