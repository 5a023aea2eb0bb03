/** A frontend: BuildKit runs it in a container, it reads a build plan from the client and answers with LLB. */
import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { pb } from "#proto";
import { toBktuiError } from "../../src/base/errors.ts";
import { compilePlan } from "../plan/compile.ts";
import { frontendOptions, Gateway } from "./gateway.ts";

const FILE_DIRECTORY = "dockerfile";
const USUAL_NAME = "plan.json";
/** `--opt misbehave=…`, for looking at what a debugger says of a frontend that does. */
const MISBEHAVE = "misbehave";
const LONG_MS = 3_600_000;
const FLOOD_LINES = 100_000;

const options = frontendOptions(process.env);
const name = options.get("filename") ?? USUAL_NAME;
const misbehaviour = options.get(MISBEHAVE) ?? options.get(`build-arg:${MISBEHAVE}`);

async function main(gateway: Gateway): Promise<void> {
  let text = "";
  try {
    text = withoutSyntaxLine(await gateway.readFile(await gateway.solve(planFile()), name));
    if (misbehaviour !== undefined) await misbehave(misbehaviour, gateway);
    const { definition, imageConfig } = compilePlan(text, { fileName: name });
    const decoded = pb.Definition.decode(definition);
    if (misbehaviour === "unmapped") decoded.Source = null;
    await gateway.answer(await gateway.solve(decoded), imageConfig);
  } catch (error) {
    await gateway.refuse(refusal(toBktuiError(error).message, text));
  }
}

/** The line that chose this frontend is no JSON; its place stays, so that lines keep their numbers. */
function withoutSyntaxLine(text: string): string {
  return text.replace(/^#[^\n]*/, "");
}

/** From the directory that the client gives for the build's own file, this file alone. */
function planFile(): pb.Definition.$Properties {
  const attrs = {
    "local.followpaths": JSON.stringify([name]),
    "local.sharedkeyhint": `plan-${name}`,
    "local.session": process.env["BUILDKIT_SESSION_ID"] ?? "",
  };
  const op = pb.Op.encode({ source: { identifier: `local://${FILE_DIRECTORY}`, attrs } }).finish();
  const terminal = pb.Op.encode({ inputs: [{ digest: digestOf(op), index: 0 }] }).finish();
  const description = { "llb.customname": `[internal] load ${name}` };
  return {
    def: [op, terminal],
    metadata: { [digestOf(op)]: pb.OpMetadata.encode({ description }).finish() },
  };
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** With the line in the plan, as frontends tell it, where the compiler names one. */
function refusal(message: string, text: string): Parameters<Gateway["refusal"]>[0] {
  const line = Number(/^[^:\n]*:(\d+): /.exec(message)?.[1] ?? "0");
  const position = { line, character: 0 };
  const info = { filename: name, data: Buffer.from(text).toString("base64"), language: "JSON" };
  const source = { info, ranges: [{ start: position, end: position }] };
  return { message, details: line === 0 ? [] : [{ type: "errdefs.Source", value: source }] };
}

async function misbehave(how: string, gateway: Gateway): Promise<void> {
  if (how === "hang") await pause(LONG_MS);
  if (how === "solve") await gateway.solve(ownStep(), { now: true });
  if (how === "host") await gateway.solve(onHostNetwork(ownStep()), { now: true });
  if (how === "flood") for (let line = 0; line < FLOOD_LINES; line += 1) console.error(`noise ${line}`);
  if (how === "crash") {
    console.error("plan frontend: out of flour");
    process.exit(7);
  }
}

/** What the frontend needs for itself; no part of the build. */
function ownStep(): pb.Definition.$Shape {
  const plan = {
    steps: [
      {
        name: "own",
        inputs: [{ image: "busybox:1.36" }],
        commands: [{ customName: "weigh the flour", cmd: "echo 500" }],
      },
    ],
    deploy: { base: { step: "own" }, start: "true" },
  };
  return pb.Definition.decode(compilePlan(JSON.stringify(plan)).definition);
}

/** Its last step asks for what has to be allowed. */
function onHostNetwork({ def }: pb.Definition.$Shape): pb.Definition.$Properties {
  const [image = new Uint8Array(), exec = new Uint8Array()] = def ?? [];
  const op = pb.Op.decode(exec);
  if (op.exec) op.exec.network = pb.NetMode.HOST;
  const step = pb.Op.encode(op).finish();
  const terminal = pb.Op.encode({ inputs: [{ digest: digestOf(step), index: 0 }] }).finish();
  return { def: [image, step, terminal] };
}

await main(Gateway.open());
// The connection ends with the process: one that is closed before is an unexpected end to the engine.
process.exit(0);
