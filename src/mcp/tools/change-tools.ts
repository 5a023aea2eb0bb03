/** Tools that set breakpoints, change files of the build, and make images and files of states. */

import { quoted } from "../../answers/words/quoted.ts";
import type { Told } from "../../answers/words/voice.ts";
import { BktuiError } from "../../base/errors.ts";
import { quote } from "../../base/quote.ts";
import { editFile } from "../edit-file.ts";
import { flag, oneOf, optional, text, whole } from "../fields.ts";
import { placeOf } from "../places.ts";
import { SIDE } from "../states.ts";
import { told } from "../tell.ts";
import { type Around, STEP, type Tool, tool } from "../tool.ts";
import { quotedWord, stepWord } from "../words-of-console.ts";

const MOST_BREAKPOINTS = 1_000_000;

export const CHANGE_TOOLS: readonly Tool[] = [
  tool({
    name: "break",
    title: "Breakpoints",
    description:
      'Set, list and remove breakpoints. Without arguments: the list. Places: 11, 13.2 (second step of a line), STAGE:end, stage:STAGE, /PATTERN/ (steps whose text has a match), RUN or COPY (any such step), data:/PATH (behind a step that makes, changes or removes it; also data:/PATH made, changed, removed or matches /PATTERN/), miss (a step that was not in the cache), first-miss, first; a line, stage, pattern or instruction also with :after, :miss or :hit behind it. Behind a place a rule: if CONDITION, hits COUNT (3, != 3, >= 3, % 2), text TEXT (says it and does not stop). Conditions know ENV.NAME, ARG.NAME, $NAME, user, directory, stage, instruction, line, text, platform, cached, exitCode, file("/PATH"), exists("/PATH"), == != < <= > >= contains =~ /PATTERN/ ! && ||. A build stops at every step that fails, without a breakpoint, unless catch says otherwise: all, none, or run, copy, source, other, each with if CONDITION.',
    kind: "runs",
    fields: {
      place: optional(text('where to stop, e.g. 11 or /RUN npm/, and its rule, e.g. 11 if ENV.CI == "1"')),
      catch: optional(text("which failures stop, e.g. run if exitCode == 137, source")),
      why: optional(
        whole("number of one: why it does not stop, or where it will", { most: MOST_BREAKPOINTS }),
      ),
      remove: optional(whole("number of one to delete", { most: MOST_BREAKPOINTS })),
      on: optional(whole("number of one to switch on", { most: MOST_BREAKPOINTS })),
      off: optional(whole("number of one to switch off", { most: MOST_BREAKPOINTS })),
      remove_all: optional(flag("delete all")),
    },
    run: async ({ place, catch: filters, why, remove, on, off, remove_all }, { current, signal }) => {
      const lines = [
        ...(remove_all === true ? ["break none"] : []),
        ...(remove === undefined ? [] : [`delete ${remove}`]),
        ...(on === undefined ? [] : [`on ${on}`]),
        ...(off === undefined ? [] : [`off ${off}`]),
        ...(place === undefined ? [] : [`break ${placeWord(place)}`]),
        ...(filters === undefined ? [] : [`catch ${oneLine(filters, "catch")}`]),
        ...(why === undefined ? [] : [`why ${why}`]),
      ];
      const words: string[] = [];
      for (const line of lines) words.push(...told(await current.perform(line, signal)).words);
      const list = told(await current.perform("breakpoints", signal));
      return { words: [...words, ...(words.length === 0 ? [] : ["all breakpoints:"]), ...list.words] };
    },
  }),
  tool({
    name: "edit",
    title: "Edit",
    description:
      "Change the Dockerfile or another text file of the build's own directories on this machine, and answer with the difference. old: a piece of the text that is there exactly once, replaced by new; or from and to: lines replaced by new. Without them: a new file. rerun takes the change up. Nothing outside of the build's directories can be changed.",
    kind: "changes",
    fields: {
      path: optional(text("relative to the build context, or absolute in it; default: the Dockerfile")),
      old: optional(text("what is replaced, exactly as it is in the file")),
      from: optional(whole("first line that is replaced", { most: 10_000_000 })),
      to: optional(whole("last line that is replaced; default: from", { most: 10_000_000 })),
      new: text("what stands there then; with from, empty deletes the lines"),
    },
    run: async ({ path, old, from, to, new: now }, { current, signal }) => {
      if (old !== undefined && (from !== undefined || to !== undefined))
        throw new BktuiError("usage", "edit takes either old, or from and to");
      if (to !== undefined && from === undefined) throw new BktuiError("usage", "to needs from");
      const { places } = current.build;
      const asked = path ?? places.source;
      if (asked === undefined)
        throw new BktuiError("usage", "what is built has no file on this machine", {
          hint: "Its text comes from elsewhere and must be changed there.",
        });
      const { shown, isNew, difference } = await editFile({ path: asked, old, from, to, new: now }, places, {
        signal,
      });
      return {
        words: [`${quoted(shown)} was ${isNew ? "made" : "changed"}; rerun takes it up`],
        blocks: [{ title: "difference", text: difference.join("\n"), keeps: "start" }],
      };
    },
  }),
  tool({
    name: "export",
    title: "Export a state",
    description:
      "Make an image, a tar or a directory of a state, also of what a failed step left. docker: an image in docker's store, by its name; tarball, oci, tar: a file; local: a directory. Files and directories must lie in the build's own directories. A state that has the value of a secret in it is not exported.",
    kind: "changes",
    fields: {
      as: oneOf(["docker", "tarball", "oci", "tar", "local"], "what it becomes"),
      to: text("name of the image, or path of the file or directory"),
      step: STEP,
      side: SIDE,
      force: optional(flag("replace what is there")),
    },
    run: async ({ as, to, step, side, force }, around) =>
      await exported({ as, to, step, side, force }, around),
  }),
];

async function exported(
  asked: {
    readonly as: string;
    readonly to: string;
    readonly step: number | undefined;
    readonly side: string | undefined;
    readonly force: boolean | undefined;
  },
  { current, signal }: Around,
): Promise<Told> {
  const { as, to, step, side, force } = asked;
  const dest = as === "docker" ? quotedWord(to, "to") : quote((await placeOf(to, current.build.places)).path);
  const words = [...(side === undefined ? [] : [side]), as, dest, ...(force === true ? ["--force"] : [])];
  return told(await current.perform(`export ${stepWord(step)}${words.join(" ")}`, signal));
}

function placeWord(place: string): string {
  const word = place.trim();
  if (word === "none") throw new BktuiError("usage", "none is no place", { hint: "remove_all deletes all." });
  return oneLine(word, "place");
}

function oneLine(text: string, name: string): string {
  const word = text.trim();
  if (word === "" || /[\r\n]/.test(word)) throw new BktuiError("usage", `${name} must be one line`);
  return word;
}
