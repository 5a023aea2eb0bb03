/** One process in a container, over its own ExecProcess stream. */
import type { moby, pb } from "#proto";
import { BktuiError, throwIfCancelled, toBktuiError } from "../../base/errors.ts";
import { execProcess } from "../../protocol/containers.ts";
import type { SecretMask } from "../../session/secret-mask.ts";
import type { Channel } from "../../transport/channel.ts";
import type { DuplexCall } from "../../transport/duplex-call.ts";
import type { HeaderList } from "../../transport/upgrade.ts";
import type { Process, ProcessSpec } from "../engine.ts";
import { newId } from "./ids.ts";
import { MaskedOutput } from "./masked-output.ts";

type ExecRequest = Parameters<ReturnType<typeof execProcess>["write"]>[0];
type ExecAnswer = moby.buildkit.v1.frontend.ExecMessage.$Shape;

export interface ProcessStart {
  readonly containerId: string;
  readonly meta: pb.Meta.$Properties;
  readonly security: pb.SecurityMode;
  readonly secretEnv: readonly pb.SecretEnv.$Properties[];
  readonly terminal: ProcessSpec["terminal"];
  readonly input: boolean;
  /** Hides values of secrets in the output; undefined = the output as it is. */
  readonly mask: SecretMask | undefined;
}

/** Above this an exit code is no code but "killed by a signal" (the engine sends 4294967295 then). */
const MAX_EXIT_CODE = 255;

/** One process of a container, with its input, its output and its end. */
export class GatewayProcess implements Process {
  readonly exited: Promise<number>;
  /** Settles, and never rejects, when the engine has begun the process or has failed to. */
  readonly mounted: Promise<void>;
  readonly #id = newId();
  readonly #call: DuplexCall<ExecRequest, ExecAnswer>;
  readonly #started: Promise<void>;
  readonly #hasInput: boolean;
  readonly #output: MaskedOutput | undefined;
  #listener: ((chunk: Uint8Array) => void) | undefined;
  #early: Uint8Array[] = [];
  #isInputOpen = true;
  #exitCode: number | undefined;
  #settle: { started: () => void; exited: (code: number) => void; failed: (error: BktuiError) => void };

  constructor(channel: Channel, metadata: HeaderList, start: ProcessStart) {
    const tty = start.terminal !== undefined;
    this.#hasInput = tty || start.input;
    const { mask } = start;
    this.#output = mask === undefined ? undefined : new MaskedOutput(mask, (data) => this.#show(data));
    const settle = { started: () => {}, exited: (_: number) => {}, failed: (_: BktuiError) => {} };
    this.#settle = settle;
    const started = new Promise<void>((resolve, reject) => {
      settle.started = resolve;
      settle.failed = reject;
    });
    this.exited = new Promise((resolve, reject) => {
      settle.exited = resolve;
      const failStart = settle.failed;
      settle.failed = (error) => {
        failStart(error);
        reject(error);
      };
    });
    this.exited.catch(() => undefined);
    this.#started = started;
    this.mounted = started.catch(() => undefined);
    const init = {
      ContainerID: start.containerId,
      Meta: start.meta,
      // Standard input is open only where it is wanted: older engines tell the exit only after its end.
      Fds: [...(this.#hasInput ? [0] : []), 1, ...(tty ? [] : [2])],
      Tty: tty,
      Security: start.security,
      secretenv: [...start.secretEnv],
    };
    this.#call = execProcess(channel, { processId: this.#id, init }, { metadata });
    this.#call.onMessage((message) => this.#receive(message));
    this.#call.ended.then(
      () => this.#streamEnded(undefined),
      (error) => this.#streamEnded(error),
    );
    if (start.terminal !== undefined) this.resize(start.terminal.columns, start.terminal.rows);
  }

  /**
   * Resolves when the process runs. A signal ends only the waiting: whoever gives the process up releases its container.
   * @throws {BktuiError} "engine" when it cannot be started, "cancelled".
   */
  async started({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    throwIfCancelled(signal);
    let onAbort = (): void => undefined;
    const cancelled = new Promise<never>((_, reject) => {
      onAbort = () => reject(new BktuiError("cancelled", "cancelled", { cause: signal.reason }));
      signal.addEventListener("abort", onAbort, { once: true });
    });
    try {
      await Promise.race([this.#started, cancelled]);
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  write(data: Uint8Array): void {
    if (!this.#hasInput || !this.#isInputOpen) return;
    this.#call.write({ ProcessID: this.#id, File: { Fd: 0, Data: data } });
  }

  endInput(): void {
    if (!this.#hasInput || !this.#isInputOpen) return;
    this.#isInputOpen = false;
    this.#call.write({ ProcessID: this.#id, File: { Fd: 0, EOF: true } });
  }

  resize(columns: number, rows: number): void {
    if (this.#exitCode === undefined)
      this.#call.write({ ProcessID: this.#id, Resize: { Rows: rows, Cols: columns } });
  }

  onData(listener: (chunk: Uint8Array) => void): void {
    this.#listener = listener;
    for (const chunk of this.#early.splice(0)) listener(chunk);
  }

  pause(): void {
    this.#call.pause();
  }

  resume(): void {
    this.#call.resume();
  }

  /**
   * Nobody reads or writes any more, but the stream stays until the container is gone: BuildKit (0.25 in dockerd 28.5)
   * kills runc, not the container, when a terminal prints into a stream that is cancelled. What ignores the hang-up then
   * runs on for good. Input that does not end, or output that is not read, would hold up the release.
   */
  letGo(): void {
    this.#listener = () => undefined;
    this.#early = [];
    this.endInput();
    this.resume();
  }

  /** Ends the stream, after `letGo` and the end of the container. */
  dispose(): void {
    this.#call.cancel();
  }

  #receive(message: ExecAnswer): void {
    if (message.ProcessID !== this.#id) return;
    if (message.Started != null) this.#settle.started();
    else if (message.File != null) this.#take(message.File);
    else if (message.Exit != null) this.#exit(message.Exit);
    else if (message.Done != null) this.#done();
  }

  #take({ Data: data }: moby.buildkit.v1.frontend.FdMessage.$Properties): void {
    if (data == null || data.length === 0) return;
    if (this.#output === undefined) this.#show(data);
    else this.#output.push(data);
  }

  #show(data: Uint8Array): void {
    if (this.#listener === undefined) this.#early.push(data);
    else this.#listener(data);
  }

  /** Output may still follow: the end is told by Done, which comes only after our end of standard input. */
  #exit(exit: moby.buildkit.v1.frontend.ExitMessage.$Properties): void {
    const code = exit.Code ?? 0;
    this.#exitCode = code > MAX_EXIT_CODE ? 137 : code;
    const message = exit.Error?.message ?? "";
    // A process that never ran ends with 255 and the runtime's words (runc, or "container … not found").
    if (code === MAX_EXIT_CODE && message !== "" && !/exit code: 255/.test(message)) {
      this.#settle.failed(new BktuiError("engine", message));
    }
    this.endInput();
  }

  #done(): void {
    this.#output?.end();
    this.#settle.started();
    this.#settle.exited(this.#exitCode ?? 0);
    this.#call.end();
  }

  #streamEnded(error: unknown): void {
    this.#isInputOpen = false;
    this.#output?.end();
    if (this.#exitCode !== undefined) {
      this.#settle.exited(this.#exitCode);
      return;
    }
    const why =
      error === undefined ? new BktuiError("engine", "the engine closed the process's stream") : error;
    this.#settle.failed(toBktuiError(why, "engine"));
  }
}
