/** Where a function stands, as captured. */
export interface FunctionPlace {
  /** PCI domain: 0 .. 0xffff for a host bridge, above that for a software-made one (VMD). */
  readonly segment: number;
  readonly bus: number;
  readonly device: number;
  readonly fn: number;
}

const digits = (value: number, width: number): string => value.toString(16).padStart(width, '0');

/** `0000:01:00.0`; a domain above 0xffff has five digits or more. */
export function functionName(place: FunctionPlace): string {
  return `${digits(place.segment, 4)}:${digits(place.bus, 2)}:${digits(place.device, 2)}.${place.fn}`;
}

const pattern = /^([0-9a-f]{4,8}):([0-9a-f]{2}):([01][0-9a-f])\.([0-7])$/;

/** The reverse of {@link functionName}; undefined if the text is no such name. */
export function parseFunctionName(name: string): FunctionPlace | undefined {
  const match = pattern.exec(name);
  if (match === null) return undefined;
  const [, segment, bus, device, fn] = match as unknown as [string, string, string, string, string];
  return {
    segment: Number.parseInt(segment, 16),
    bus: Number.parseInt(bus, 16),
    device: Number.parseInt(device, 16),
    fn: Number(fn),
  };
}

/** Bits 15:8 bus, 7:3 device, 2:0 function. */
export function requesterIdOf(place: FunctionPlace): number {
  return (place.bus << 8) | (place.device << 3) | place.fn;
}
