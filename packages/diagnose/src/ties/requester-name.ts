/** `04:00.0`: a requester ID as kernel logs print it. */
export function requesterName(requesterId: number): string {
  return `${hex2(requesterId >>> 8)}:${hex2((requesterId >>> 3) & 0x1f)}.${requesterId & 7}`;
}

function hex2(value: number): string {
  return value.toString(16).padStart(2, '0');
}
