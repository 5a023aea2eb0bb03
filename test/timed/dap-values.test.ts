/**
 * How soon an editor has what it shows at a stop: it asks for all of it before it draws anything. Time of the processor
 * counts, all of which is work, since nothing is waited for: what else the machine does is not in it.
 */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { FrameReader, framed } from "../support/dap-frames.ts";
import { engineVariables } from "../support/engine-variables.ts";
import { busyboxContext, testEngines } from "../support/engines.ts";
import { programHome } from "../support/kept-code.ts";
import { program } from "../support/program.ts";
import { programEnvironment } from "../support/program-environment.ts";
import type { TestEngine } from "../support/test-engine.ts";

const STOPS = 30;
const WITHIN_MS = 10;

function dockerfile(): string {
  const mark = randomUUID();
  const steps = Array.from(
    { length: STOPS },
    (_, index) =>
      `ARG NUMBER_${index}=${index}\nENV NAME_${index}=$NUMBER_${index}\nRUN echo ${mark} ${index} > /made`,
  );
  return `FROM busybox:1.36\n${steps.join("\n")}\n`;
}

interface Message {
  readonly event?: string;
  readonly request_seq?: number;
  readonly body?: {
    readonly stackFrames?: readonly { readonly id: number }[];
    readonly scopes?: readonly {
      readonly name: string;
      readonly expensive: boolean;
      readonly variablesReference: number;
    }[];
  };
}

/** Reads and writes, and looks at nothing: what a client does with the answers is not timed. */
class BareClient implements AsyncDisposable {
  readonly #child;
  readonly #reader = new FrameReader();
  readonly #waiting = new Set<{ isWanted(message: Message): boolean; resolve(message: Message): void }>();
  #seq = 0;

  constructor(path: string, home: string, engine: TestEngine) {
    const env = { ...programEnvironment(), HOME: home, ...engineVariables(engine) };
    this.#child = spawn(process.execPath, [program, "dap", "build", path], { cwd: path, env });
    this.#child.stderr.resume();
    this.#child.stdout.on("data", (piece: Buffer) => {
      for (const text of this.#reader.push(piece)) {
        const message = JSON.parse(text) as Message;
        for (const each of this.#waiting) {
          if (!each.isWanted(message)) continue;
          this.#waiting.delete(each);
          each.resolve(message);
        }
      }
    });
  }

  /** The next one of that name. Asked for before what leads to it. */
  async event(name: string): Promise<Message> {
    return await this.#next(({ event }) => event === name);
  }

  async ask(command: string, args: object): Promise<NonNullable<Message["body"]>> {
    this.#seq += 1;
    const seq = this.#seq;
    const answer = this.#next(({ request_seq }) => request_seq === seq);
    this.#child.stdin.write(framed({ seq, type: "request", command, arguments: args }));
    return (await answer).body ?? {};
  }

  /** Of the processor so far. */
  async workedMs(): Promise<number> {
    const [nanoseconds] = (await readFile(`/proc/${this.#child.pid}/schedstat`, "utf8")).split(" ");
    return Number(nanoseconds) / 1e6;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await gone;
  }

  async #next(isWanted: (message: Message) => boolean): Promise<Message> {
    return await new Promise((resolve) => this.#waiting.add({ isWanted, resolve }));
  }
}

test.each(testEngines())(
  "$name: stack, scopes and variables of a stop are there within 10 ms",
  async (engine) => {
    await using context = await busyboxContext({ files: { Dockerfile: dockerfile() } });
    await using home = await programHome({});
    await using client = new BareClient(context.path, home.path, engine);
    await client.ask("initialize", { adapterID: "bare" });
    const first = client.event("stopped");
    await client.ask("launch", { stopOnEntry: true });
    await client.ask("configurationDone", {});
    await first;
    const workedMs: number[] = [];
    for (let stop = 0; stop < STOPS; stop++) {
      const stopped = client.event("stopped");
      await client.ask("next", { threadId: 1 });
      await stopped;
      const beforeMs = await client.workedMs();
      const { stackFrames } = await client.ask("stackTrace", { threadId: 1 });
      const { scopes = [] } = await client.ask("scopes", { frameId: stackFrames?.[0]?.id });
      const cheap = scopes.filter(({ expensive }) => !expensive);
      for (const { variablesReference } of cheap) await client.ask("variables", { variablesReference });
      workedMs.push((await client.workedMs()) - beforeMs);
      expect(cheap.map(({ name }) => name)).toEqual(["Arguments", "Environment", "Mounts", "Image"]);
    }
    workedMs.sort((a, b) => a - b);
    expect(workedMs[Math.ceil(STOPS * 0.95) - 1]).toBeLessThan(WITHIN_MS);
  },
);
