/** `npm test`: check, bundle and all tests on engines. What fails does not keep the others from running; it fails at the end. */
import { spawnSync } from "node:child_process";

const PROJECTS = ["engine", "e2e", "faults", "timed"];

/** Whether it ended well. */
function ran(command, ...args) {
  const { status, signal } = spawnSync(command, args, { stdio: "inherit" });
  // Whoever ends a part means all of them.
  if (signal !== null) process.kill(process.pid, signal);
  return status === 0;
}

const checked = ran("npm", "run", "-s", "check");
const built = ran("npm", "run", "-s", "build");
// Without the program there is nothing that they could test.
const tested = built && ran("vitest", "run", ...PROJECTS.flatMap((name) => ["--project", name]));
if (!checked || !tested) {
  const failed = [!checked && "the checks", !built && "the build", built && !tested && "tests on engines"];
  process.stdout.write(`failed: ${failed.filter(Boolean).join(", ")}\n`);
  process.exitCode = 1;
}
