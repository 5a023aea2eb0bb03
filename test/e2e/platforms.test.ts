/** Several platforms on the screen: which is shown, the menu, and shells that stay when another is shown. */
import { describe, inject, test } from "vitest";
import { busyboxContext } from "../support/engines.ts";
import { OwnEngine } from "../support/own-engine.ts";
import { Terminal } from "../support/terminal.ts";

const Dockerfile = `FROM scratch
ARG TARGETARCH
COPY busybox /bin/sh
RUN echo for $TARGETARCH >/arch
`;

describe.skipIf(inject("privateSuite") === undefined)("on a screen (needs a private engine)", () => {
  test("P shows another platform; its shells are its own, and those of the first are still there", async () => {
    await using own = await OwnEngine.start(undefined, {
      daemonJson: { features: { "containerd-snapshotter": true } },
    });
    await using context = await busyboxContext({ files: { Dockerfile }, unique: true });
    const args = ["--platform", "linux/amd64,linux/386", context.path];
    await using terminal = await Terminal.start({ engine: own.engine, args });
    await terminal.untilRow(1, /Dockerfile:stage-0 linux\/amd64 .*LOADED/);
    terminal.type("n");
    await terminal.untilRow(1, /linux\/amd64 .*PAUSED before step 2\/2/);
    terminal.type("!");
    await terminal.untilRow(1, /SHELL has the keyboard/);
    terminal.type("echo of-the-first >/mine; cat /mine\r");
    await terminal.until(/^of-the-first$/m);
    terminal.key("Ctrl-]");
    terminal.type("P");
    await terminal.until(/\* 1 linux\/amd64 +paused before step 2\/2/);
    await terminal.until(/> {3}2 linux\/386 +paused before step 1\/2/);
    terminal.type("\r");
    await terminal.untilRow(1, /linux\/386 .*PAUSED before step 1\/2/);
    terminal.type("n");
    await terminal.untilRow(1, /linux\/386 .*PAUSED before step 2\/2/);
    terminal.type("!");
    await terminal.untilRow(1, /SHELL has the keyboard/);
    terminal.type("cat /mine || echo of-the-second\r");
    await terminal.until(/^of-the-second$/m);
    terminal.key("Ctrl-]");
    terminal.type(":thread amd64\r");
    await terminal.untilRow(1, /linux\/amd64 .*PAUSED before step 2\/2/);
    terminal.type("4");
    await terminal.until(/^of-the-first$/m);
  });
});
