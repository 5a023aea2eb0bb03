/** An image without a shell can be looked into all the same. */
import { test } from "vitest";
import { forEachEngine } from "../support/engines.ts";
import { Fx } from "../support/fx.ts";
import type { TestEngine } from "../support/test-engine.ts";

const SCRATCH = `FROM scratch
COPY Dockerfile /etc/app/settings
COPY Dockerfile /a-file
COPY busybox /opt/busybox
`;

async function withoutShell(engine: TestEngine): Promise<Fx> {
  const fx = await Fx.loaded(engine, { dockerfile: SCRATCH });
  const { terminal } = fx;
  terminal.type("c");
  await terminal.untilRow(1, /FINISHED/);
  terminal.type("!");
  await terminal.until(/no \/bin\/sh here[\s\S]*1 +list the files +2 +run another program/);
  return fx;
}

forEachEngine((engine) => {
  test("the files of an image without a shell are listed, directories first", async () => {
    await using fx = await withoutShell(engine);
    const { terminal } = fx;
    terminal.type("1");
    await terminal.until(/AFTER \/ [\s\S]*rwxr-xr-x +- +etc\/[\s\S]* opt\/[\s\S]*rw-r--r-- +\d+ B +a-file/);
    terminal.type("j");
    terminal.key("Enter");
    await terminal.until(/AFTER \/etc [\s\S]*app\//);
    terminal.type("j");
    terminal.key("Enter");
    await terminal.until(/AFTER \/etc\/app [\s\S]*\d B +settings/);
    terminal.type("h");
    await terminal.until(/AFTER \/etc [\s\S]*app\//);
    terminal.key("Escape");
    await terminal.until((screen) => {
      const text = screen.join("\n");
      return text.includes("no /bin/sh here") && !text.includes("AFTER /etc");
    });
  });

  test("another program of the image is run, with its output in the pane", async () => {
    await using fx = await withoutShell(engine);
    const { terminal } = fx;
    terminal.type("2");
    await terminal.until(/program \(\/path\/in\/the\/image/);
    terminal.type("/opt/busybox echo 'two  words'");
    terminal.key("Enter");
    await terminal.until(/^two {2}words$/m);
    await terminal.until(/shell exited with 0, ! opens again/);
  });
});
