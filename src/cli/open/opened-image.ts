/** A Dockerfile for an image that is opened: what its labels say of the step that it is a state of, and the image. Pure. */
import { visibleLine } from "../../base/visible.ts";
import type { ImageFile } from "../../engine/record.ts";

export type OpenedImage =
  /** In docker's store, or in a registry. */
  { readonly reference: string } | { readonly path: string; readonly image: ImageFile };

/** Of exported states; see debugger/export/state-order.ts. */
const PREFIX = "dev.bktui.";

export interface StateFile {
  readonly text: string;
  /** Of what it is, for people. */
  readonly of: string;
  readonly notes: string[];
}

/** The stage, and the end of it is where to stop. */
export const STATE_STAGE = "state";
/** A named context with an OCI layout, and a file of the context with a layer. */
export const LAYOUT = "opened";
export const LAYER = "layer";

/** One layer is added to nothing, which every engine can; of several the engine must read the layout. */
export function stateFile(opened: OpenedImage): StateFile {
  const of = `the image ${visibleLine("path" in opened ? opened.path : opened.reference)}`;
  const story = "path" in opened ? storyOf(opened.image.labels) : [];
  const others =
    "path" in opened && opened.image.others > 0 ? [`the file has ${opened.image.others} more`] : [];
  const head = [`What ${of} holds.`, ...story].map((line) => `# ${visibleLine(line)}`);
  const lines = [...head, ...instructions(opened), ""];
  return { text: lines.join("\n"), of, notes: [...story, ...others] };
}

function instructions(opened: OpenedImage): readonly string[] {
  if ("reference" in opened) return [`FROM ${opened.reference} AS ${STATE_STAGE}`];
  const { env, user, directory, layers } = opened.image;
  if (layers !== 1) return [`FROM ${LAYOUT} AS ${STATE_STAGE}`];
  return [
    `FROM scratch AS ${STATE_STAGE}`,
    `ADD ${LAYER} /`,
    ...env.flatMap(envLine),
    ...(directory === "" ? [] : [`WORKDIR ${quoted(directory)}`]),
    ...(user === "" ? [] : [`USER ${quoted(user)}`]),
  ].filter((line) => !/[\r\n]/.test(line));
}

/** Of what cannot be written in one line nothing is. */
function envLine(entry: string): readonly string[] {
  const [, name, value] = /^([A-Za-z_][A-Za-z0-9_.-]*)=(.*)$/.exec(entry) ?? [];
  return name === undefined || value === undefined ? [] : [`ENV ${name}=${quoted(value)}`];
}

function quoted(text: string): string {
  return `"${text.replaceAll(/["\\$]/g, "\\$&")}"`;
}

/** Untrusted text. */
function storyOf(labels: Readonly<Record<string, string>>): readonly string[] {
  const label = (name: string): string | undefined => labels[`${PREFIX}${name}`];
  const [state, step, line, file, code] = ["state", "step", "line", "file", "exit-code"].map(label);
  if (state === undefined) return [];
  const where = line === undefined ? "" : `, line ${line} of ${file ?? "its Dockerfile"}`;
  const ended = code === undefined ? "" : `, exit code ${code}`;
  const made = [label("engine"), label("way")].filter((each) => each !== undefined);
  return [
    `It is ${state.toUpperCase()} of step ${step ?? "?"}${where}${ended}.`,
    ...[label("command")].flatMap((command) => (command === undefined ? [] : [`Its command: ${command}`])),
    ...(made.length === 0 ? [] : [`It was exported from ${made.join(", ")}.`]),
  ];
}
