/** Interrupts long synchronous work regularly, so that the event loop stays responsive. */
import { setImmediate } from "node:timers/promises";

const SLICE_MS = 8;

/** Cuts long synchronous work into slices, so that keys, frames and health checks are answered in between. */
export class Slice {
  #startedMs = performance.now();

  /** Call between pieces of work; gives way to the event loop when the slice is used up. */
  async rest(): Promise<void> {
    if (performance.now() - this.#startedMs < SLICE_MS) return;
    await setImmediate();
    this.#startedMs = performance.now();
  }

  /** Whether `rest` would give way; asking first spares a promise per piece. */
  get usedUp(): boolean {
    return performance.now() - this.#startedMs >= SLICE_MS;
  }
}
