/** The inner loop: types, lint and unit tests side by side; prints what each has to say, in that order. */
import { spawn } from "node:child_process";

const checks = [
  ["types", "tsc", ["--noEmit"]],
  ["lint", "biome", ["ci", "--error-on-warnings", "--colors=off"]],
  ["unit tests", "vitest", ["run", "--project", "unit"]],
];

function run([name, command, args]) {
  return new Promise((resolve) => {
    // npm puts node_modules/.bin on PATH.
    const env = { ...process.env, NO_COLOR: "1" };
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], env });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        output += text;
      });
    }
    child.once("error", (error) => resolve({ name, code: 1, output: `${command}: ${error.message}\n` }));
    child.once("close", (code) => resolve({ name, code: code ?? 1, output }));
  });
}

for (const check of checks.map(run)) {
  const { name, code, output } = await check;
  // What went well is told by its last lines (vitest's counts, which .ci/run adds up).
  const said = code === 0 ? `${output.trimEnd().split("\n").slice(-5).join("\n")}\n` : output;
  process.stdout.write(`== ${name}: ${code === 0 ? "fine" : "FAILED"}\n${said}`);
  if (code !== 0) process.exitCode = 1;
}
