import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { InputEvent } from "../../../../src/tui/input/events.ts";
import { InputRouter, type ShellSink } from "../../../../src/tui/input/router.ts";

class Debugger {
  readonly seen: string[] = [];
  onEvent(event: InputEvent): void {
    if (event.type === "key") this.seen.push(event.chord);
    else this.seen.push(event.type === "paste" ? `paste ${JSON.stringify(event.text)}` : event.type);
  }
  onShellLeave(): void {
    this.seen.push("leave");
  }
  onShellPaste(text: string): void {
    this.seen.push(`confirm ${JSON.stringify(text)}`);
  }
}

class Shell implements ShellSink {
  received = "";
  bracketedPaste = false;
  focusReports = false;
  write(bytes: Uint8Array): void {
    this.received += Buffer.from(bytes).toString("utf8");
  }
  encodeMouse(): string | undefined {
    return "<mouse>";
  }
}

function open() {
  const source = new PassThrough();
  const router = new InputRouter({ source });
  const front = new Debugger();
  const shell = new Shell();
  const send = async (text: string | Uint8Array): Promise<void> => {
    source.write(text);
    await vi.advanceTimersByTimeAsync(0);
  };
  return { router, front, shell, send };
}

describe("input router", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("keys typed before anyone listens are not lost", async () => {
    const { router, front, send } = open();
    await send("nn");
    router.attach(front);
    await send("c");
    expect(front.seen).toEqual(["n", "n", "c"]);
  });

  test("a lone Esc becomes a key after 30 ms", async () => {
    const { router, front, send } = open();
    router.attach(front);
    await send("\u001b");
    expect(front.seen).toEqual([]);
    await vi.advanceTimersByTimeAsync(31);
    expect(front.seen).toEqual(["Esc"]);
  });

  test("a paste is one event and never keys, cut anywhere", async () => {
    const { router, front, send } = open();
    router.attach(front);
    for (const byte of Buffer.from("a\u001b[200~q\ny\n\u001b[201~b")) await send(Uint8Array.of(byte));
    await vi.advanceTimersByTimeAsync(31);
    expect(front.seen).toEqual(["a", 'paste "q\\ny\\n"', "b"]);
  });

  test("S11 · a paste that holds an end marker cannot type", async () => {
    const { router, front, shell, send } = open();
    router.attach(front);
    const smuggled = "\u001b[200~one\u001b[201~q\u001b[201~";
    await send(smuggled);
    await send("\u001b[200~two\u001b[201~q");
    await send("!\u001b[201~");
    expect(front.seen).toEqual(['paste "oneq"', 'paste "twoq!"']);
    shell.bracketedPaste = true;
    router.giveToShell(shell);
    await send(smuggled);
    expect(shell.received).toBe("\u001b[200~oneq\u001b[201~");
  });

  test("a paste without an end is given out after a second, and the keyboard works again", async () => {
    const { router, front, send } = open();
    router.attach(front);
    await send("\u001b[200~lost");
    await vi.advanceTimersByTimeAsync(1001);
    await send("n");
    expect(front.seen).toEqual(['paste "lost"', "n"]);
  });

  test("the shell gets every byte at once and untouched, except the leave keys", async () => {
    const { router, front, shell, send } = open();
    router.attach(front);
    router.giveToShell(shell);
    const all = "\u001b\u0003\u001b[A\u001bOP\u001b[1;5A\tls\rü\u001b[";
    await send(all);
    expect(shell.received).toBe(all);
    await send("x\u001dn");
    expect(shell.received).toBe(`${all}x`);
    expect(front.seen).toEqual(["leave", "n"]);
    router.giveToShell(shell);
    await send("\u001b[24~");
    expect(front.seen).toEqual(["leave", "n", "leave"]);
  });

  test("invalid UTF-8 and cut characters reach the shell byte for byte", async () => {
    const { router, shell, send } = open();
    const received: number[] = [];
    router.giveToShell(Object.assign(shell, { write: (bytes: Uint8Array) => received.push(...bytes) }));
    await send(Uint8Array.of(0xff, 0xc3));
    await send(Uint8Array.of(0xa9, 0x80));
    expect(received).toEqual([0xff, 0xc3, 0xa9, 0x80]);
  });

  test("one line is pasted into any shell; several lines wait for a confirmation unless the program asked for brackets", async () => {
    const { router, front, shell, send } = open();
    router.attach(front);
    router.giveToShell(shell);
    await send("\u001b[200~ls -l\u001b[201~");
    expect(shell.received).toBe("ls -l");
    await send("\u001b[200~rm x\rrm y\r\u001b[201~");
    expect(front.seen).toEqual(['confirm "rm x\\rrm y\\r"']);
    router.pasteToShell("rm x\rrm y\r");
    expect(shell.received).toBe("ls -lrm x\rrm y\r");
    shell.bracketedPaste = true;
    await send("\u001b[200~a\u001b]0;x\u0007\rb\u001b[201~");
    expect(shell.received).toContain("\u001b[200~a]0;x\rb\u001b[201~");
  });

  test("what is typed while a shell opens waits for it, and a leave key gives it up", async () => {
    const { router, front, shell, send } = open();
    router.attach(front);
    router.holdForShell();
    await send("ls\r");
    router.giveToShell(shell);
    expect(shell.received).toBe("ls\r");
    router.takeFromShell();
    router.holdForShell();
    await send("s\u001d");
    expect(front.seen).toEqual(["leave"]);
    expect(router.owner).toBe("debugger");
  });

  test("bytes behind a key that opens a shell belong to the shell", async () => {
    const { router, front, shell, send } = open();
    router.attach({
      onEvent: () => router.giveToShell(shell),
      onShellLeave: () => front.onShellLeave(),
      onShellPaste: () => undefined,
    });
    await send("!ls\u001d");
    expect(shell.received).toBe("ls");
    expect(front.seen).toEqual(["leave"]);
  });

  test("mouse and focus reports reach the program only in the form it asked for", async () => {
    const { router, front, shell, send } = open();
    router.attach(front);
    router.giveToShell(shell);
    await send("a\u001b[<0;1;1Mb\u001b[I");
    expect(shell.received).toBe("a<mouse>b");
    shell.focusReports = true;
    await send("\u001b[O");
    expect(shell.received).toBe("a<mouse>b\u001b[O");
    expect(front.seen).toEqual(["focus", "focus"]);
  });
});
