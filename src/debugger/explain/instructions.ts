/** The words of the Dockerfile language (docker/dockerfile 1.20, labs included). */

export const INSTRUCTIONS: readonly string[] = [
  "ADD",
  "ARG",
  "CMD",
  "COPY",
  "ENTRYPOINT",
  "ENV",
  "EXPOSE",
  "FROM",
  "HEALTHCHECK",
  "LABEL",
  "MAINTAINER",
  "ONBUILD",
  "RUN",
  "SHELL",
  "STOPSIGNAL",
  "USER",
  "VOLUME",
  "WORKDIR",
];

/** Flags by instruction, without dashes: of the language, not of every frontend. */
export const FLAGS: ReadonlyMap<string, readonly string[]> = new Map([
  ["ADD", ["checksum", "chmod", "chown", "exclude", "keep-git-dir", "link", "unpack"]],
  ["COPY", ["chmod", "chown", "exclude", "from", "link", "parents"]],
  ["FROM", ["platform"]],
  ["HEALTHCHECK", ["interval", "retries", "start-interval", "start-period", "timeout"]],
  ["RUN", ["device", "mount", "network", "security"]],
]);
