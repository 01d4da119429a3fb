/** A requester ID as kernels print it: `04:00.0`. */
export function requesterName(requesterId: number): string {
  const bus = (requesterId >>> 8).toString(16).padStart(2, '0');
  const device = ((requesterId >>> 3) & 31).toString(16).padStart(2, '0');
  return `${bus}:${device}.${requesterId & 7}`;
}

/** With the segment in front if it is not 0. */
export function segmentedName(segment: number, requesterId: number): string {
  const name = requesterName(requesterId);
  return segment === 0 ? name : `${segment.toString(16).padStart(4, '0')}:${name}`;
}
