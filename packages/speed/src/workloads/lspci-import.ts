import { parseLspci } from '@quiesce/machine';
import { RandomStream } from '@quiesce/simulation';
import type { Limit } from '../harness/side.ts';
import { median } from '../harness/statistics.ts';

const FUNCTIONS = 31;
const CONFIG_BYTES = 4096;
const IMPORTS = 9;

/** Import of an `lspci -xxxx` dump of 400 KB. */
export function lspciImport(): Limit {
  const configs = Array.from({ length: FUNCTIONS }, (_, i) => configOf(i));
  const text = new TextEncoder().encode(configs.map((config, i) => rowsOf(config, i)).join('\n'));
  return {
    kind: 'limit',
    id: 'lspci',
    title: 'import of an lspci dump',
    work:
      `${FUNCTIONS} functions of 4,096 bytes as \`lspci -xxxx\` prints them, ${Math.round(text.length / 1000)} KB; every ` +
      `byte is compared with what it was printed from. Median of ${IMPORTS} imports.`,
    unit: 'ms',
    atMost: 50,
    async figure() {
      const times: number[] = [];
      for (let i = 0; i < IMPORTS; i++) {
        const start = performance.now();
        const dump = parseLspci(text, { file: 'lspci.txt' });
        times.push(performance.now() - start);
        const same = dump.functions.every(({ bytes }, n) =>
          Buffer.from(bytes).equals(configs[n] as Uint8Array),
        );
        if (dump.functions.length !== FUNCTIONS || !same) throw new Error('the import lost bytes');
      }
      return median(times);
    },
  };
}

/** An endpoint without capabilities and with arbitrary bytes behind its header. */
function configOf(index: number): Uint8Array {
  const random = new RandomStream(index);
  const config = new Uint8Array(CONFIG_BYTES);
  for (let at = 0x40; at < CONFIG_BYTES; at++) config[at] = random.nextInteger(0, 255);
  config.set([0x86, 0x80, 0xd3, 0x10, 0x06, 0x04, 0x10, 0x00, 0x00, 0x00, 0x00, 0x02], 0);
  return config;
}

function rowsOf(config: Uint8Array, index: number): string {
  const slot = index.toString(16).padStart(2, '0');
  const lines = [`00:${slot}.0 Ethernet controller [0200]: Intel Corporation 82574L [8086:10d3]`];
  for (let at = 0; at < config.length; at += 16) {
    const bytes = [...config.subarray(at, at + 16)].map((byte) => byte.toString(16).padStart(2, '0'));
    lines.push(`${at.toString(16).padStart(2, '0')}: ${bytes.join(' ')}`);
  }
  return `${lines.join('\n')}\n`;
}
