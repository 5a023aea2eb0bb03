/** The inner loop: types, lint and unit tests side by side; prints what each has to say, in that order. */
import { spawn } from "node:child_process";

const checks = [
  ["types", "tsc", ["--noEmit"]],
  ["lint", "biome", ["ci", "--error-on-warnings", "--colors=off"]],
  ["unit tests", "vitest", ["run", "--project", "unit"]],
];

/** A test that runs in a circle must not stop everything without a word. */
const DEADLINE_MS = 15 * 60_000;

/** Each check has a process group: a worker of vitest that is busy with a test does not end when vitest does. */
const running = new Set();

function end(child) {
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has just ended by itself.
  }
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
  process.once(signal, () => {
    running.forEach(end);
    process.kill(process.pid, signal);
  });

function run([name, command, args]) {
  return new Promise((resolve) => {
    // npm puts node_modules/.bin on PATH.
    const env = { ...process.env, NO_COLOR: "1" };
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], env, detached: true });
    running.add(child);
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        output += text;
      });
    }
    const deadline = setTimeout(() => {
      output += `${command} has not ended after ${DEADLINE_MS / 60_000} minutes, and was ended\n`;
      end(child);
    }, DEADLINE_MS);
    child.once("error", (error) => resolve({ name, code: 1, output: `${command}: ${error.message}\n` }));
    child.once("close", (code) => {
      clearTimeout(deadline);
      running.delete(child);
      resolve({ name, code: code ?? 1, output });
    });
  });
}

for (const check of checks.map(run)) {
  const { name, code, output } = await check;
  // What went well is told by its last lines (vitest's counts, which .ci/run adds up).
  const said = code === 0 ? `${output.trimEnd().split("\n").slice(-5).join("\n")}\n` : output;
  process.stdout.write(`== ${name}: ${code === 0 ? "fine" : "FAILED"}\n${said}`);
  if (code !== 0) process.exitCode = 1;
}
