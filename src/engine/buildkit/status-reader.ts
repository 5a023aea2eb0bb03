/** Takes in the status stream of a build without holding up keys. */
import type { BktuiError } from "../../base/errors.ts";
import { Slice } from "../../session/files/slice.ts";
import type { SecretMask } from "../../session/secret-mask.ts";
import type { Progress } from "../engine.ts";
import { CachedReports } from "./cached-reports.ts";
import type { VertexErrors } from "./failure.ts";
import type { GatewayBuildOptions } from "./gateway-build.ts";
import { MaskedProgress } from "./masked-progress.ts";
import { toProgress } from "./progress.ts";

type Status = Parameters<GatewayBuildOptions["onStatus"]>[0];

/** What takes in each message whole, beside the reports made of it. */
export type OnMessage = (status: Status) => Promise<void>;

/** What a build does with its status stream. */
export function statusReader(
  onProgress: (progress: Progress) => void,
  {
    vertexErrors,
    mask,
    onMessage,
  }: {
    readonly vertexErrors: VertexErrors;
    readonly mask: SecretMask;
    /** The next message comes when its promise has resolved. */
    readonly onMessage?: OnMessage | undefined;
  },
): Required<Pick<GatewayBuildOptions, "onStatus" | "onStatusLost">> {
  const masked = new MaskedProgress(mask, (progress) => {
    if (progress.kind === "vertex") vertexErrors.add(progress.vertex, progress.error);
    onProgress(progress);
  });
  const reports = new CachedReports((report) => masked.push(report));
  const warn = (text: string): void => {
    masked.push({ kind: "warning", vertex: undefined, text, ranges: [] });
  };
  let isToldOf = false;
  // Said once: an engine that sends one of them sends thousands.
  const onMalformed = (error: BktuiError): void => {
    if (!isToldOf) warn(`parts of the engine's progress make no sense and are left out: ${error.message}`);
    isToldOf = true;
  };
  /** One message can hold 100,000 entries. Answers whether that was all. */
  const take = (entries: Iterator<Progress>, slice: Slice): boolean => {
    for (let next = entries.next(); next.done !== true; next = entries.next()) {
      if (next.value.kind === "vertex") reports.push(next.value);
      else masked.push(next.value);
      if (slice.usedUp) return false;
    }
    return true;
  };
  const done = (status: Status): Promise<void> | undefined => {
    masked.settle();
    return onMessage?.(status);
  };
  const takeRest = async (
    entries: Iterator<Progress>,
    { slice, status }: { readonly slice: Slice; readonly status: Status },
  ): Promise<void> => {
    do await slice.rest();
    while (!take(entries, slice));
    await done(status);
  };
  return {
    onStatus: (status) => {
      const entries = toProgress(status, onMalformed);
      const slice = new Slice();
      return take(entries, slice) ? done(status) : takeRest(entries, { slice, status });
    },
    onStatusLost: (error) => {
      warn(`the engine's report of progress broke off, the build goes on without it: ${error.message}`);
    },
  };
}
