import { defaultTraits, type EndpointDescription } from '../../endpoint/endpoint-description.ts';
import type { FunctionDescription } from '../function-description.ts';

export const idle: EndpointDescription = {
  kind: 'idle',
  traits: defaultTraits,
  workload: { ratePerSecond: 0, bytesPerUnit: 0, burstBytes: 0, direction: 'to-memory' },
};

const units: Readonly<Record<string, number>> = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 };

/**
 * The functions of `lspci -vvv -xxxx` output: the hexadecimal bytes, and the sizes of the regions. Damaged rows are
 * left out; what matters to these tests is that the bytes are those of real machines.
 */
export function readLspci(text: string): FunctionDescription[] {
  return text
    .split(/\n\s*\n/)
    .filter((block) => /^00: /m.test(block))
    .map((block) => {
      const head = /^(?:([0-9a-f]{4,5}):)?([0-9a-f]{2}):([0-9a-f]{2})\.([0-7]) /m.exec(block);
      const rows = [...block.matchAll(/^([0-9a-f]{1,2}0):((?: [0-9a-f]{2}){16})\s*$/gm)];
      const last = Math.max(...rows.map((row) => Number.parseInt(row[1] as string, 16)));
      const config = new Uint8Array(last >= 256 ? 4096 : last >= 64 ? 256 : 64);
      for (const row of rows) {
        const bytes = (row[2] as string).trim().split(' ');
        config.set(
          bytes.map((byte) => Number.parseInt(byte, 16)),
          Number.parseInt(row[1] as string, 16),
        );
      }
      const barSizes = [0, 0, 0, 0, 0, 0];
      for (const region of block.matchAll(/Region (\d): .*\[size=(\d+)([KMG]?)\]/g)) {
        barSizes[Number(region[1])] = Number(region[2]) * (units[region[3] as string] as number);
      }
      return {
        segment: Number.parseInt(head?.[1] ?? '0', 16),
        bus: Number.parseInt(head?.[2] as string, 16),
        device: Number.parseInt(head?.[3] as string, 16),
        fn: Number(head?.[4]),
        config,
        barSizes,
        endpoint: idle,
      };
    });
}
