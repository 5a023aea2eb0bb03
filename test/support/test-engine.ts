/** An engine the tests may use; plain data, it travels from the setup to the workers. */
export interface TestEngine {
  /** E.g. "dockerd-28.5". */
  readonly name: string;
  readonly kind: "dockerd" | "buildkitd";
  /** E.g. "28.5.2"; undefined for a buildkitd that was given. */
  readonly version: string | undefined;
  /** Value for DOCKER_HOST (or BUILDKIT_HOST), e.g. "unix:///…". */
  readonly dockerHost: string;
  /** Directory of docker and, not for 20.10, docker-buildx; undefined = take those on PATH. */
  readonly binDir: string | undefined;
  /** Whether a shell in the state a failed step left behind is possible. */
  readonly keepsFailedState: boolean;
  /** How this run has started it; undefined for one that was given. */
  readonly started?: StartedEngine;
}

/** As `startPrivateEngine` takes it. */
export interface StartedEngine {
  readonly directory: string;
  readonly suite: string;
  readonly registry: string;
}

declare module "vitest" {
  interface ProvidedContext {
    readonly engines: readonly TestEngine[];
    /** Path of a statically linked busybox. */
    readonly busybox: string;
    /** Suite of the newest private engine; undefined when the engines were given from outside. */
    readonly privateSuite: string | undefined;
    /** Directory with the compiled code of an earlier run; the project "e2e" only. */
    readonly keptCode: string;
  }
}
