/** A Dockerfile for an image that is opened: what its labels say of the step that it is a state of, and the image. Pure. */
import { posix } from "node:path";
import { visibleLine } from "../../base/visible.ts";
import type { ImageFile } from "../../engine/record.ts";
import { stateLabel } from "../../engine/state-labels.ts";

/** An image by its name, or in a file. */
export interface OpenedImage {
  /** In docker's store, or in a registry; or a path. */
  readonly name: string;
  /** Undefined = the engine finds it by its name. */
  readonly image: ImageFile | undefined;
  /** Of an image by its name those that docker's store knows. */
  readonly labels: Readonly<Record<string, string>>;
  /** What the step of it began with, where that was exported too. */
  readonly base?: OpenedImage | undefined;
}

export interface StateFile {
  readonly text: string;
  /** Of what it is, for people. */
  readonly of: string;
  readonly notes: string[];
}

/** Where an image is put for the build. */
export interface ImagePlace {
  /** The stage, the end of which is where to stop. */
  readonly stage: string;
  /** A named context with an OCI layout. */
  readonly layout: string;
  /** Directory of the context with the only layer, "" = the context itself. */
  readonly directory: string;
}

export const STATE: ImagePlace = { stage: "state", layout: "opened", directory: "" };
/** In front of it, so that the state is what is built. */
export const BASE: ImagePlace = { stage: "base", layout: "opened-base", directory: "base" };
const LAYER = "layer";
/** Of a label that tells something in several lines. */
const MOST_LINES = 101;

/** One layer is added to nothing, which every engine can; of several the engine must read the layout. */
export function stateFile(opened: OpenedImage): StateFile {
  const { name, image, labels, base } = opened;
  const of = `the image ${visibleLine(name)}`;
  const story = storyOf(labels);
  const others = image !== undefined && image.others > 0 ? [`the file has ${image.others} more`] : [];
  const head = [`What ${of} holds.`, ...story].map((line) => `# ${visibleLine(line)}`);
  const before = base === undefined ? [] : instructions(base, BASE);
  const lines = [...head, ...before, ...instructions(opened, STATE), ""];
  const beside =
    base === undefined
      ? []
      : [
          `BASE of it is ${base.name === name ? "in the file too" : base.name}: target ${BASE.stage} opens it`,
        ];
  return { text: lines.join("\n"), of, notes: [...story, ...beside, ...others] };
}

function instructions({ name, image }: OpenedImage, place: ImagePlace): readonly string[] {
  if (image === undefined) return [`FROM ${name} AS ${place.stage}`];
  const { env, user, directory, layers } = image;
  if (layers !== 1) return [`FROM ${place.layout} AS ${place.stage}`];
  return [
    `FROM scratch AS ${place.stage}`,
    `ADD ${posix.join(place.directory, LAYER)} /`,
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
  const label = (name: string): string | undefined => stateLabel(labels, name);
  const [state, step, line, file, code] = ["state", "step", "line", "file", "exit-code"].map(label);
  if (state === undefined) return [];
  const where = line === undefined ? "" : `, line ${line} of ${file ?? "its Dockerfile"}`;
  const ended = code === undefined ? "" : `, exit code ${code}`;
  const made = [label("engine"), label("way")].filter((each) => each !== undefined);
  return [
    `It is ${state.toUpperCase()} of step ${step ?? "?"}${where}${ended}.`,
    ...[label("command")].flatMap((command) => (command === undefined ? [] : [`Its command: ${command}`])),
    ...(made.length === 0 ? [] : [`It was exported from ${made.join(", ")}.`]),
    ...linesOf("Its log ended with:", label("log")),
    ...linesOf("What the step had changed in it:", label("changes")),
  ];
}

/** Untrusted text: whoever made the image may have written anything there. */
function linesOf(head: string, text: string | undefined): readonly string[] {
  const lines = text === undefined ? [] : text.split("\n").slice(0, MOST_LINES);
  return lines.length === 0 ? [] : [head, ...lines.map((line) => `| ${line}`)];
}
