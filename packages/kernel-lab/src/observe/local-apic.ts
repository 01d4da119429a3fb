/** `ISR	 58 49`, or `(none)`: how QEMU's monitor writes the in-service register, vectors in decimal. */
const IN_SERVICE = /^ISR\s+(.*)$/m;

/** Vectors in service, ascending, of what the monitor's `info lapic` says; undefined if it says nothing of them. */
export function vectorsInService(text: string): readonly number[] | undefined {
  const found = IN_SERVICE.exec(text.replaceAll('\r', ''))?.[1];
  if (found === undefined) return undefined;
  const vectors = found.split(/\s+/).filter((one) => /^\d+$/.test(one));
  return vectors.map(Number).sort((a, b) => a - b);
}
