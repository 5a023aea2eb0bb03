/** An image without a shell can be looked into all the same. */
import { dirname } from "node:path";
import { inject, test } from "vitest";
import { forEachEngine } from "../support/engines.ts";
import { Fx, type FxOptions, SIZES } from "../support/fx.ts";
import type { TestEngine } from "../support/test-engine.ts";

const SCRATCH = `FROM scratch
COPY Dockerfile /etc/app/settings
COPY Dockerfile /a-file
COPY busybox /opt/busybox
`;

const FAILING = `FROM scratch
COPY busybox /opt/busybox
RUN ["/opt/busybox", "sh", "-c", "echo half a file > /partial; exit 3"]
`;

/** As on a machine where it is installed: nothing has to be fetched for the debug root. */
function withBusybox(): { readonly PATH: string } {
  return { PATH: `${dirname(inject("busybox"))}:${process.env["PATH"] ?? ""}` };
}

async function withoutShell(engine: TestEngine, size: FxOptions): Promise<Fx> {
  const fx = await Fx.loaded(engine, { ...size, dockerfile: SCRATCH, env: withBusybox() });
  const { terminal } = fx;
  terminal.type("c");
  await terminal.untilRow(1, /FINISHED/);
  terminal.type("!");
  await terminal.until(
    /no \/bin\/sh here[\s\S]*1 +list the files\s+2 +shell of the debug root, state at \/target\s+3 +run another program/,
  );
  return fx;
}

forEachEngine((engine) => {
  test.each(SIZES)(
    "scenario 24 · %s: the files of an image without a shell are listed, directories first",
    async (_name, size) => {
      await using fx = await withoutShell(engine, size);
      const { terminal } = fx;
      terminal.type("1");
      await terminal.until(
        /^FILES of AFTER[\s\S]* etc\/$[\s\S]*rwxr-xr-x opt\/$[\s\S]*rw-r--r-- a-file +\d+ B$/m,
      );
      terminal.key("Enter");
      await terminal.until(/^> . rwxr-xr-x etc\/\n.* {3}app\/$/m);
      terminal.type("jlj");
      await terminal.until(/^> . rw-r--r-- {5}settings +\d+ B$/m);
      terminal.type("hh");
      await terminal.until(/^> . rwxr-xr-x {3}app\/\n.* opt\/$/m);
      terminal.type("4");
      await terminal.until(/no \/bin\/sh here/);
    },
  );

  test.each(SIZES)(
    "scenario 24 · %s: another program of the image is run, with its output in the pane",
    async (_name, size) => {
      await using fx = await withoutShell(engine, size);
      const { terminal } = fx;
      terminal.type("3");
      await terminal.until(/program \(\/path\/in\/the\/image/);
      terminal.type("/opt/busybox echo 'two  words'");
      terminal.key("Enter");
      await terminal.until(/^two {2}words$/m);
      await terminal.until(/shell exited with 0, ! opens again/);
    },
  );

  test.each(SIZES)(
    "scenario 24 · %s: a shell of the debug root has the state at /target, and opens again as such",
    async (_name, size) => {
      await using fx = await withoutShell(engine, size);
      const { terminal } = fx;
      for (const key of ["2", "!"]) {
        terminal.type(key);
        await terminal.until(/AFTER state · x=BASE · debug root · state at \/target/);
        await terminal.until(/debug-root@3\/3 AFTER \/target #$/m);
        terminal.type("ls; chroot /target /opt/busybox expr 40 + 2; exit 0\r");
        await terminal.until(/shell exited with 0, ! opens again[\s\S]*^a-file +etc +opt$\s+^42$/m);
      }
    },
  );

  test("the debug root of an image is called by its name", async () => {
    const fx = await Fx.loaded(engine, { dockerfile: SCRATCH, args: ["--debug-image", "busybox:1.36"] });
    await using _fx = fx;
    const { terminal } = fx;
    terminal.type(":debug-shell");
    terminal.key("Enter");
    await terminal.until(/BASE state · debug image busybox:1.36 · state at \/target/);
    await terminal.until(/debug-root@1\/3 BASE \/target #/);
  });

  test("a failed step of an image without a shell shows what it left in a shell of the debug root", async () => {
    await using fx = await Fx.loaded(engine, { dockerfile: FAILING, env: withBusybox() });
    const { terminal } = fx;
    terminal.type("c");
    await terminal.untilRow(1, /FAILED/);
    terminal.type("!");
    await terminal.until(/no \/bin\/sh here[\s\S]*2 +shell of the debug root, state at \//);
    terminal.type("2");
    const state = engine.keepsFailedState ? "/target" : "/";
    await terminal.until(new RegExp(`debug root · state at ${state}`));
    await terminal.until(new RegExp(`debug-root@2/2 FAILED ${state} #$`, "m"));
    terminal.type(`cat ${engine.keepsFailedState ? state : ""}/partial\r`);
    await terminal.until(/^half a file$/m);
    terminal.type("exit 0\r");
    await terminal.until(/shell exited with 0/);
  });
});
