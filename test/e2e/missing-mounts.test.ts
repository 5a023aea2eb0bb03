/** A mount that cannot be made keeps no shell away on the screen. */
import { test } from "vitest";
import { forEachEngine } from "../support/engines.ts";
import { Fx, SIZES } from "../support/fx.ts";

const DOCKERFILE = `FROM scratch
ADD busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
RUN --mount=type=bind,source=missing,target=/src --mount=type=bind,source=Dockerfile,target=/there true
`;

forEachEngine((engine) => {
  test.each(SIZES)("%s: the title and Info say what the shell goes without", async (_name, size) => {
    await using fx = await Fx.loaded(engine, { ...size, dockerfile: DOCKERFILE });
    const { terminal } = fx;
    // In one run an old engine may cancel the steps above when it finds that the mount is missing.
    terminal.type(":to 4\r");
    await terminal.untilRow(1, /PAUSED before step 3\/3/);
    terminal.type("c");
    await terminal.untilRow(1, /FAILED step 3\/3/);
    await terminal.until(/mount at \/src: "missing" is not in the context/);
    terminal.type("!");
    await terminal.until(/BASE state · without \/src/);
    await terminal.until(/root@3\/3 BASE \/\S* #$/m);
    terminal.type("ls -d /src /there\r");
    await terminal.until(/\/src: No such file or directory\n(?:.*\n)*?\/there$/m);
    terminal.key("Ctrl-]");
    terminal.type("8");
    // Behind all that the step gets: at 80x24 it may be below the last row.
    await terminal.until(/^.?user +root/m);
    terminal.type("/differs\r");
    await terminal.until(/differs +the bind mount at \/src is left out:/);
  });
});
