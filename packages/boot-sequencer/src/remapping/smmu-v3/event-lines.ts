/** What Linux prints when OVFLG says that events were lost. */
export const OVERFLOW_LINE = 'EVTQ overflow detected -- events lost';

/** An event as arm_smmu_evtq_thread prints it: the number, then the record's four 64-bit words. */
export function eventLines(unit: string, words: readonly number[]): string[] {
  const number = ((words[0] as number) & 0xff).toString(16).padStart(2, '0');
  const lines = [`arm-smmu-v3 ${unit}: event 0x${number} received:`];
  for (let i = 0; i < 8; i += 2) {
    const digits = [words[i + 1], words[i]].map((word) => (word as number).toString(16).padStart(8, '0'));
    lines.push(`arm-smmu-v3 ${unit}: \t0x${digits.join('')}`);
  }
  return lines;
}
