/** What the next build is asked for: the request of the last one, with what was given or changed since. */

import { BktuiError } from "../base/errors.ts";
import type { DebugState } from "../debugger/debugger.ts";
import type { BuildInputOption } from "../debugger/remedies.ts";
import type { BuildRequest } from "../engine/build-request.ts";
import { type BuildFile, fromDockerfile } from "../engine/build-sources.ts";
import { withInput } from "./build-input.ts";
import type { Surroundings } from "./build-options.ts";

export interface NextBuildOptions {
  readonly debug: { readonly state: Pick<DebugState, "request"> };
  /** As the program was started. */
  readonly asked: BuildRequest;
  /** What typed paths and variables refer to. */
  readonly surroundings: Surroundings;
}

/** The request of the next build: that of the last one, with what was given since. */
export class NextBuild {
  readonly #options: NextBuildOptions;
  /** What was given since the last start; it counts from the next one on. */
  #given: BuildRequest | undefined;

  constructor(options: NextBuildOptions) {
    this.#options = options;
  }

  /** Unless something is changed: `--no-cache` of one rerun ends with it. */
  get request(): BuildRequest {
    const { asked, debug } = this.#options;
    const last = this.#given ?? debug.state.request ?? asked;
    return last.noCache === asked.noCache ? last : { ...last, noCache: asked.noCache };
  }

  /** Takes a secret, an ssh agent or an entitlement along. @throws {BktuiError} "usage". */
  give(option: BuildInputOption, text: string): void {
    this.#given = withInput(this.request, option, text, this.#options.surroundings);
  }

  /** Takes the Dockerfile from there from now on. */
  readFrom(dockerfile: BuildFile): void {
    const { request } = this;
    if (request.source.kind !== "dockerfile")
      throw new BktuiError("internal", "a copy of what is no Dockerfile cannot be built");
    this.#given = { ...request, source: fromDockerfile(request.source.context, dockerfile) };
  }

  /** A build with it was started. */
  begun(): void {
    this.#given = undefined;
  }

  get withoutCache(): BuildRequest {
    return { ...this.request, noCache: true };
  }

  /** @param value undefined = the argument is not given any more */
  withArgument(name: string, value: string | undefined): BuildRequest {
    const { request } = this;
    const { [name]: _removed, ...others } = request.buildArgs;
    return { ...request, buildArgs: value === undefined ? others : { ...others, [name]: value } };
  }

  /** @param stage "" = the last one */
  withTarget(stage: string): BuildRequest {
    return { ...this.request, target: stage === "" ? undefined : stage };
  }
}
