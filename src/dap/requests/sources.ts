/** The texts of a build: those without a file of this machine are asked for. */
import { BktuiError } from "../../base/errors.ts";
import type { Handlers } from "./handler.ts";

export const SOURCES: Handlers<"source" | "loadedSources"> = {
  source: ({ source, sourceReference }, session) => {
    const { sources } = session;
    const asked = source ?? { sourceReference: sourceReference ?? null };
    const text = sources.find(asked);
    if (text === undefined)
      throw new BktuiError("not-found", "this build has no such text", { hint: "loadedSources lists them." });
    if (text.text === undefined) throw new BktuiError("not-now", "the build is not loaded yet");
    return { content: sources.content(text), mimeType: "text/x-dockerfile" };
  },
  loadedSources: (_args, session) => ({
    sources: session.hasBuild ? session.sources.all.map(({ source }) => source) : [],
  }),
};
