/** `:env NAME`: the one variable that is asked for, beside the pane that has all of them. */
import type { Debugger } from "../../debugger/debugger.ts";
import { environmentFacts } from "../../debugger/shells/environment-facts.ts";
import { ENVIRONMENT_MS } from "../../debugger/shells/environments.ts";
import type { App } from "./app.ts";

export async function sayVariable(app: App, debug: Debugger, name: string): Promise<void> {
  const { selected, side } = app.view();
  if (selected === undefined || side === undefined) {
    app.say("env: this step has not been reached: it has no state yet");
    return;
  }
  const signal = AbortSignal.timeout(ENVIRONMENT_MS);
  const environment = await debug.environment(selected.id, side, { signal });
  const { variables } = environmentFacts(environment, debug);
  const variable = variables.find((each) => each.name === name);
  app.say(variable === undefined ? `${name} is not set here` : `${name}=${variable.value}`);
}
