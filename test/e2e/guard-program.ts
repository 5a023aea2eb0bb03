import { once } from "node:events";
import { InputRouter } from "../../src/tui/input/router.ts";
import { TerminalGuard } from "../../src/tui/terminal/terminal-guard.ts";

/** What a full-screen program does with its terminal, for the tests of the guard; the argument says how it ends. */
const way = process.argv[2];
const say = (text: string): void => {
  process.stdout.write(`${text}\r\n`);
};
const guard = new TerminalGuard({
  input: process.stdin,
  inputFd: 0,
  outputFd: 1,
  onContinue: () => say("CONTINUED"),
  onFatal: () => process.exit(1),
});
guard.enter();
guard.startWatcher();
guard.startWatchdog();
guard.mirror({ applicationCursor: true, applicationKeypad: true, mouse: "any" });
say(`READY ${process.pid}`);
// Its listeners keep a closed terminal from being an uncaught error, as in bktui itself.
const router = new InputRouter({ source: process.stdin });
router.attach({ onEvent: () => undefined, onShellLeave: () => undefined, onShellPaste: () => undefined });
process.stdin.on("data", (data) => say(`KEY ${JSON.stringify(String(data))}`));
await once(process.stdin, "data");

function endless(): void {
  for (;;);
}

function fillMemory(): void {
  for (const kept: number[][] = []; ; ) kept.push(Array.from({ length: 100_000 }, Math.random));
}

switch (way) {
  case "exit":
    process.exit(7);
    break;
  case "throw":
    throw new Error("broken\u001b]0;owned\u0007");
  case "reject":
    void Promise.reject(new Error("rejected"));
    break;
  case "abort":
    process.abort();
    break;
  case "block":
    say("BLOCKED");
    endless();
    break;
  case "out-of-memory":
    fillMemory();
    break;
  case "hand-over":
    await guard.handOver(async () => {
      say("HANDED OVER");
      await once(process.stdin, "data");
    });
    say("BACK");
    break;
  case "stop":
    guard.stopProcess();
    break;
  default:
    break;
}
