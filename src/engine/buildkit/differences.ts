/** What a shell lacks compared with its step, in words: dropped by the container API, not by us. */
import type { ContainerPlan } from "./container.ts";

/** Checked on dockerd 20.10 and 28.5: the API has no fields for these. */
export function differencesOf({ environment, canExtraHosts, canSecretEnv }: ContainerPlan): string[] {
  const { meta, mounts } = environment;
  const lacking: string[] = [];
  if (meta.ulimits.length > 0) lacking.push("the step's ulimits are not applied in the shell");
  if (mounts.some((mount) => mount.kind === "tmpfs" && mount.tmpfsSize > 0)) {
    lacking.push("tmpfs mounts have the engine's default size in the shell");
  }
  if (!canExtraHosts && (meta.hostname !== "" || meta.extraHosts.length > 0)) {
    lacking.push(
      "this engine gives shells neither the step's hostname nor its extra hosts (gateway.exec.extrahosts)",
    );
  }
  if (!canSecretEnv && meta.secretEnv.length > 0) {
    lacking.push("this engine gives shells no secrets as environment variables (gateway.exec.secretenv)");
  }
  return lacking;
}
