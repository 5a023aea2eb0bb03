/** What a step can be given, one case each: the probe runs as its command, and again in shells over its states. */
import type { BuildRequest } from "../../src/engine/build-request.ts";

export interface FidelityCase {
  readonly name: string;
  /** After `FROM tools`; its last RUN is the step. */
  readonly dockerfile: string;
  readonly request?: Partial<BuildRequest>;
  /** What the engine must have, by BuildKit's ids: of LLB or of the gateway. */
  readonly needs?: readonly string[];
  /** Flag of RUN that old Dockerfile frontends do not know; no capability tells. */
  readonly flag?: string;
}

const secrets = [{ id: "token", from: { kind: "env", name: "PROBE_TOKEN" } }] as const;

export const CASES: readonly FidelityCase[] = [
  { name: "root", dockerfile: "RUN /bin/probe" },
  { name: "exec form", dockerfile: 'RUN ["/bin/probe"]' },
  { name: "SHELL", dockerfile: 'SHELL ["/bin/busybox", "sh", "-e", "-u", "-c"]\nRUN /bin/probe' },
  { name: "USER app", dockerfile: "USER app\nRUN /bin/probe" },
  { name: "USER 1000:1000 with groups", dockerfile: "USER 1000:1000\nRUN /bin/probe" },
  { name: "USER app:audio", dockerfile: "USER app:audio\nRUN /bin/probe" },
  { name: "WORKDIR", dockerfile: 'WORKDIR "/srv/a dir"\nRUN /bin/probe' },
  {
    name: "ENV with quotes and newlines",
    dockerfile: `ARG LINES\nENV LINES=$LINES QUOTED="it's \\"so\\" \\$HOME \\\\" EMPTY="" HOME=/home/app\nRUN /bin/probe`,
    request: { buildArgs: { LINES: "one\n  two\n" } },
  },
  {
    name: "ARG",
    dockerfile: "ARG PLAIN=default\nARG GIVEN\nARG UNSET\nRUN /bin/probe",
    request: { buildArgs: { GIVEN: "by request" } },
  },
  {
    name: "proxy variables",
    dockerfile: "RUN /bin/probe",
    request: { buildArgs: { HTTP_PROXY: "http://proxy.test:3128", no_proxy: "localhost,.test" } },
  },
  {
    name: "secret as file",
    dockerfile:
      "USER app\nRUN --mount=type=secret,id=token --mount=type=secret,id=token,target=/etc/token,uid=1000,gid=29,mode=0440 /bin/probe",
    request: { secrets },
  },
  {
    name: "secret that is not given",
    dockerfile: "RUN --mount=type=secret,id=other /bin/probe",
    request: { secrets },
  },
  {
    name: "secret as env",
    dockerfile: "RUN --mount=type=secret,id=token,env=TOKEN /bin/probe",
    request: { secrets },
    needs: ["exec.secretenv"],
  },
  { name: "ssh", dockerfile: "USER app\nRUN --mount=type=ssh,uid=1000,mode=0600 /bin/probe" },
  { name: "cache, shared", dockerfile: "RUN --mount=type=cache,target=/cache,id=fidelity-shared /bin/probe" },
  {
    name: "cache, private",
    dockerfile: "RUN --mount=type=cache,target=/cache,id=fidelity-private,sharing=private /bin/probe",
  },
  {
    name: "cache, locked",
    dockerfile: "RUN --mount=type=cache,target=/cache,id=fidelity-locked,sharing=locked /bin/probe",
  },
  {
    name: "cache of a user, from a stage",
    dockerfile:
      "USER app\nRUN --mount=type=cache,target=/cache,id=fidelity-user,from=other,source=data,uid=1000,mode=0750 /bin/probe",
  },
  { name: "bind from a stage", dockerfile: "RUN --mount=from=other,source=data,target=/data /bin/probe" },
  {
    name: "bind from a stage, writable",
    dockerfile: "RUN --mount=from=other,source=data,target=/data,rw /bin/probe",
  },
  { name: "bind from the context", dockerfile: "RUN --mount=target=/src /bin/probe" },
  {
    name: "read-only file",
    dockerfile: "RUN --mount=from=other,source=data/passwd,target=/etc/other,ro /bin/probe",
  },
  { name: "tmpfs", dockerfile: "RUN --mount=type=tmpfs,target=/scratch /bin/probe" },
  {
    name: "tmpfs with a size",
    dockerfile: "RUN --mount=type=tmpfs,target=/scratch,size=8m /bin/probe",
    needs: ["exec.mount.tmpfs.size"],
  },
  { name: "RUN --network=none", dockerfile: "RUN --network=none /bin/probe", flag: "network" },
  {
    name: "RUN --network=host",
    dockerfile: "RUN --network=host /bin/probe",
    request: { allow: ["network.host"] },
    flag: "network",
  },
  { name: "--network=none", dockerfile: "RUN /bin/probe", request: { network: "none" } },
  { name: "--network=host", dockerfile: "RUN /bin/probe", request: { network: "host" } },
  {
    name: "--add-host",
    dockerfile: "RUN /bin/probe",
    request: { addHosts: ["db.test:10.9.8.7", "six.test:fd00::1"] },
  },
  {
    name: "--ulimit",
    dockerfile: "RUN /bin/probe",
    request: { ulimits: ["nofile=512:600", "core=0:0", "nproc=700:800"] },
    needs: ["exec.meta.ulimit"],
  },
  {
    name: "--shm-size",
    dockerfile: "RUN /bin/probe",
    request: { shmSize: 4 * 1024 * 1024 },
    needs: ["exec.mount.tmpfs.size"],
  },
];
