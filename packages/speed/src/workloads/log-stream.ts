import { diagnoseLog } from '@quiesce/diagnose';
import type { Limit } from '../harness/side.ts';

const MEGABYTE = 1e6;
/** By then the heap has its size. */
const FIRST = 300 * MEGABYTE;
const WHOLE = 1000 * MEGABYTE;
/** Every so many lines a fault: a flood, as an unlucky crash kernel prints it. */
const FAULT_EVERY = 20;

/** Memory of a process that diagnoses a log of a gigabyte. */
export function logStream(): Limit {
  let figure: number | undefined;
  return {
    kind: 'limit',
    id: 'log',
    title: 'memory over a log of 1 GB',
    work:
      'A log of 1 GB, of which every twentieth line is a fault of another device and address, comes in pieces of 64 KiB. ' +
      'Largest resident set of the process after the last piece, as a share of that after the first 300 MB. Measured once.',
    unit: 'times the memory after 300 MB',
    atMost: 1.1,
    async figure() {
      figure ??= await measured();
      return figure;
    },
  };
}

async function measured(): Promise<number> {
  let first = 0;
  const { faults } = await diagnoseLog(logOf(WHOLE), {
    file: 'generated',
    onProgress: ({ bytes }) => {
      if (first === 0 && bytes >= FIRST) first = process.resourceUsage().maxRSS;
    },
  });
  if (faults.dma === 0) throw new Error('no fault was found');
  return process.resourceUsage().maxRSS / first;
}

function* logOf(bytes: number): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  let line = 0;
  for (let made = 0; made < bytes; ) {
    let text = '';
    while (text.length < 65_536) text += `${lineOf(line++)}\n`;
    const chunk = encoder.encode(text);
    made += chunk.length;
    yield chunk;
  }
}

function lineOf(line: number): string {
  const stamp = `[${(line / 10_000).toFixed(6).padStart(12)}]`;
  if (line % FAULT_EVERY !== 0) return `${stamp} systemd[1]: Started Session ${line} of user root.`;
  const device = `${hex(line % 251)}:${hex(line % 31)}.${line % 7}`;
  const address = (0xfff0_0000 - (line % 65_536) * 4096).toString(16);
  return `${stamp} DMAR: [DMA Write NO_PASID] Request device [${device}] fault addr 0x${address} [fault reason 0x05] PTE Write access is not set`;
}

function hex(value: number): string {
  return value.toString(16).padStart(2, '0');
}
