/** `0000:01:00.0`; a segment above ffff has five digits. */
export function functionName(place: {
  readonly segment: number;
  readonly bus: number;
  readonly device: number;
  readonly fn: number;
}): string {
  const segment = place.segment.toString(16).padStart(4, '0');
  const bus = place.bus.toString(16).padStart(2, '0');
  return `${segment}:${bus}:${place.device.toString(16).padStart(2, '0')}.${place.fn}`;
}
