/** `q` on a screen of a debugger that is elsewhere: leave the screen, or end the build for everybody. */
import { count } from "../../base/words.ts";
import type { App } from "./app.ts";
import type { OverlayControl } from "./overlay-control.ts";
import type { ScreenVisit } from "./ports.ts";

export interface LeaveOrEndOptions {
  readonly app: App;
  readonly overlays: OverlayControl;
  readonly visit: ScreenVisit;
  /** What would be lost with the build, one sentence each. */
  losses(): Promise<readonly string[]>;
  /** Ends the build. */
  end(): void;
}

/** Who only watches has nothing to decide. */
export function leaveOrEnd({ app, overlays, visit, losses, end }: LeaveOrEndOptions): void {
  if (visit.watches) {
    visit.leave();
    return;
  }
  const items = [
    { label: "leave this screen; the build stays as it is", value: "leave" },
    { label: "end the build for everybody", value: "end" },
  ];
  overlays.menu("Leave, or end the build?", items, 0, (choice) => {
    if (choice === "leave") visit.leave();
    else app.background(endForAll({ app, visit, losses, end }));
  });
}

async function endForAll({
  app,
  visit,
  losses,
  end,
}: Pick<LeaveOrEndOptions, "app" | "visit" | "losses" | "end">): Promise<void> {
  const others = visit.others();
  const screens = others === 0 ? [] : [`${count(others, "other screen")} will be closed.`];
  const lines = [...(await losses()), ...screens, "The process that runs the build ends."];
  if (await app.ask({ title: "End the build for everybody?", lines })) end();
}
