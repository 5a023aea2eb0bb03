/** When the next frame may be painted. */
const FRAME_MS = 17;
/** A key often changes the screen twice within some milliseconds: a step runs, and has run. */
const AT_ONCE = 2;

/** Paces frames: 60 a second, and after a pause two at once, so that what a key does is seen without delay. */
export class FrameClock {
  /** When all that may come at once may come again. */
  #restedAtMs = Number.NEGATIVE_INFINITY;

  /** Until the next frame may be made; 0 = now. */
  get waitMs(): number {
    return Math.max(0, this.#restedAtMs - (AT_ONCE - 1) * FRAME_MS - performance.now());
  }

  /** A frame is being made. */
  count(): void {
    this.#restedAtMs = Math.max(this.#restedAtMs, performance.now()) + FRAME_MS;
  }
}
