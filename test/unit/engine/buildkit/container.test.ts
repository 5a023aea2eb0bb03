import { expect, test } from "vitest";
import { GatewayContainer } from "../../../../src/engine/buildkit/container.ts";
import { StateQueue } from "../../../../src/engine/buildkit/state-queue.ts";
import { SecretMask } from "../../../../src/session/secret-mask.ts";
import { execMeta } from "../../../support/exec-meta.ts";

const ROOT = {
  input: undefined,
  selector: "",
  dest: "/",
  output: undefined,
  readonly: false,
  kind: "bind",
  cache: undefined,
  secret: undefined,
  tmpfsSize: 0,
} as const;

const { signal } = new AbortController();

test("a release in the moment in which a process begins ends that one too", async () => {
  let release = (): void => undefined;
  let cancelled = 0;
  const call = {
    write: () => true,
    onMessage: () => undefined,
    resume: () => undefined,
    cancel: () => {
      cancelled += 1;
    },
    ended: new Promise<void>(() => undefined),
  };
  const channel = {
    lost: signal,
    unary: async () => ({}),
    duplex: () => {
      queueMicrotask(() => release());
      return call;
    },
  };
  const meta = execMeta();
  const container = await GatewayContainer.create(
    channel as never,
    [],
    {
      mounts: [{ mount: ROOT, resultId: "" }],
      environment: { meta, mounts: [], shell: [] },
      missing: [],
      canExtraHosts: true,
      canSecretEnv: true,
      restored: { hasSh: true, lacking: [] },
      mask: new SecretMask(),
      queue: new StateQueue(channel as never),
    },
    { signal },
  );
  const released = new Promise<void>((resolve) => {
    release = () => void container[Symbol.asyncDispose]().then(resolve);
  });
  const stop = new AbortController();
  const started = container.start({ args: ["/true"], env: [], terminal: undefined }, { signal: stop.signal });
  await released;
  expect(cancelled).toBe(1);
  stop.abort();
  await expect(started).rejects.toMatchObject({ code: "cancelled" });
});
