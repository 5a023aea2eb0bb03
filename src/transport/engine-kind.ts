/** The two kinds of engines. */

/** "dockerd" speaks BuildKit behind an HTTP/1.1 upgrade; "buildkitd" speaks it directly. */
export type EngineKind = "dockerd" | "buildkitd";
