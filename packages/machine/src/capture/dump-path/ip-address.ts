/** An address of IPv4 as a number of 32 bits; undefined if the text is none. */
export function addressOf(text: string): number | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (parts === undefined || parts.some((part) => part > 255)) return undefined;
  return parts.reduce((all, part) => all * 256 + part, 0);
}

/** The mask of a prefix of so many bits, `24`; undefined if the text is none. */
export function maskOf(bits: string): number | undefined {
  const count = /^\d{1,2}$/.test(bits) ? Number(bits) : 33;
  return count > 32 ? undefined : 2 ** 32 - 2 ** (32 - count);
}
