/** A step that gives no sign of life, with what its processes do where the engine runs on this machine. */
import { randomUUID } from "node:crypto";
import { expect, inject, test } from "vitest";
import { SilenceWatch } from "../../../src/debugger/state/silence.ts";
import { parseAddress } from "../../../src/transport/address.ts";
import { startDebugging } from "../../support/debugging.ts";
import { forEachEngine } from "../../support/engines.ts";

const AFTER_MS = 200;

forEachEngine((engine) => {
  test.each(["sleep 3600; true", "sleep 3600"])(
    "the process that it waits for is named: %s",
    async (script) => {
      const seconds = script.replaceAll("3600", String(3600 + Math.floor(Math.random() * 100_000)));
      const text = `FROM busybox:1.36\nRUN echo ${randomUUID()}; ${seconds}\n`;
      const address = parseAddress(engine.dockerHost, engine.kind);
      await using debugging = await startDebugging(address, { files: { Dockerfile: text } });
      const { debug } = debugging;
      const said = new Promise<string>((resolve) => {
        const look = (): void => {
          const watch = new SilenceWatch(debug, {
            afterMs: AFTER_MS,
            say: (line) => {
              watch[Symbol.dispose]();
              // A silence is told once: of one before the container runs, or while other steps run, nothing is seen.
              if (inject("privateSuite") === undefined || line.includes("sleep")) resolve(line);
              else look();
            },
          });
        };
        look();
      });
      debug.dispatch({ kind: "continue" });
      const line = await said;
      const [sleep = ""] = seconds.split(";");
      const processes = inject("privateSuite") === undefined ? "" : `: "${sleep}" waits$`;
      expect(line).toMatch(
        new RegExp(`^step 2/2 has given no sign of life for \\d+s, since [\\d:]{8}${processes}`),
      );
      debug.dispatch({ kind: "cancel" });
      await debug.rest();
    },
  );
});
