/** A kernel's way to config space at some moment of its boot: type 1 ports first, MMCONFIG later. */
export interface ConfigPort {
  /** All ones where nothing answers. */
  read(segment: number, bus: number, device: number, fn: number, offset: number, size: number): number;
  write(
    segment: number,
    bus: number,
    device: number,
    fn: number,
    offset: number,
    size: number,
    value: number,
  ): void;
}
