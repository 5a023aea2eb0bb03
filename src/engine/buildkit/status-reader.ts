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

/** What takes in each message whole, beside the reports made of it. */
export type OnMessage = (status: Parameters<GatewayBuildOptions["onStatus"]>[0]) => Promise<void>;

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
  return {
    onStatus: async (status) => {
      // One message can hold 100,000 entries.
      const slice = new Slice();
      for (const progress of toProgress(status, onMalformed)) {
        if (slice.usedUp) await slice.rest();
        if (progress.kind === "vertex") reports.push(progress);
        else masked.push(progress);
      }
      masked.settle();
      await onMessage?.(status);
    },
    onStatusLost: (error) => {
      warn(`the engine's report of progress broke off, the build goes on without it: ${error.message}`);
    },
  };
}
