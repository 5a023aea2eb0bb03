/** Where log lines go that are too many for memory. */
export interface LineArchive extends Disposable {
  /**
   * Keeps the bytes; what is older may be given up for them. Returns their place, which only goes up.
   * @throws {BktuiError} "io" when they cannot be kept, e.g. on a full disk.
   */
  append(data: Uint8Array): number;
  /** @throws {BktuiError} "io" when they cannot be read again. */
  read(place: number, bytes: number): Uint8Array;
  /** The lowest place that is still kept. */
  readonly oldest: number;
}
