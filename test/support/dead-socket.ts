/** A socket whose process was killed. */
import { spawnSync } from "node:child_process";

const LISTEN_AND_DIE =
  'require("node:net").createServer().listen(process.argv[1], () => process.kill(process.pid, "SIGKILL"))';

export function makeDeadSocket(path: string): void {
  spawnSync(process.execPath, ["-e", LISTEN_AND_DIE, path]);
}
