/** What a shell has otherwise than its step, in words: what the container API drops, and what nobody says of the place. */
import type { ContainerPlan } from "./container-plan.ts";

/**
 * Checked on dockerd 20.10 and 28.5: the API has no fields for these. `restored`: what a process could not set
 * again for itself.
 */
export function differencesOf({
  environment,
  canExtraHosts,
  canSecretEnv,
  restored,
}: ContainerPlan): string[] {
  const { meta } = environment;
  const lacking = [...(environment.from === undefined ? [] : [environment.from]), ...restored.lacking];
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
