import { assembleMachine, preset } from '@quiesce/machine';
import { SilentObserver } from '@quiesce/pcie-model';
import { QemuProcess } from '@quiesce/qemu-control';
import { EventCalendar } from '@quiesce/simulation';
import { versionOf } from '../harness/compile-peer.ts';
import { ownSide } from '../harness/own-side.ts';
import type { Measurement, MissingSide, Race, Side } from '../harness/side.ts';

const QEMU_ECAM = 0xb000_0000;
/** Functions that every q35 machine has on bus 0, and one that none has. */
const FUNCTIONS: readonly (readonly [device: number, fn: number])[] = [
  [0x00, 0],
  [0x1f, 0],
  [0x1f, 2],
  [0x1f, 3],
  [0x1a, 7],
];
/** Vendor and device, class and revision, subsystem: the same before and after firmware ran. */
const OFFSETS = [0x00, 0x08, 0x2c];
const READS = 60_000;

/** Reads of config dwords through ECAM. */
export async function configRead(): Promise<Race> {
  return {
    kind: 'race',
    id: 'config',
    title: 'read of a config dword through ECAM',
    work:
      '60,000 aligned dword reads in the ECAM window: identity, class and subsystem of the host bridge, the ISA bridge, ' +
      'AHCI, SMBus and a function that is absent. QEMU gets all commands at once over its qtest socket, so that it ' +
      'never waits for us; ours decodes the address and applies the masks of every register.',
    unit: 'reads',
    own: ownSide({ run: ownReads() }),
    rivals: [{ side: await qemu(), atLeast: 20 }],
  };
}

/** Offsets from the start of the window, in the order in which they are read. */
function places(): number[] {
  const some = FUNCTIONS.flatMap(([device, fn]) => OFFSETS.map((at) => (device << 15) | (fn << 12) | at));
  return Array.from({ length: READS }, (_, i) => some[i % some.length] as number);
}

function ownReads(): () => { operations: number; check: string } {
  const { fabric, hierarchy } = assembleMachine(preset('q35-lab'), {
    calendar: new EventCalendar(),
    observer: new SilentObserver(),
    mode: 'steady-steps',
  });
  const base = hierarchy.rootComplexes[0]?.ecamBase as number;
  const addresses = places().map((place) => base + place);
  return () => {
    let check = 0;
    for (let i = 0; i < addresses.length; i++) {
      check = (Math.imul(check, 31) + fabric.mmioRead(addresses[i] as number, 4)) >>> 0;
    }
    return { operations: addresses.length, check: String(check) };
  };
}

async function qemu(): Promise<Side | MissingSide> {
  const version = await versionOf('qemu-system-x86_64', ['--version']);
  const name = `QEMU ${version?.match(/\d+\.\d+\.\d+/)?.[0] ?? ''} qtest, pipelined`;
  if (version === undefined)
    return { name: 'QEMU qtest', missing: 'not installed (Debian: qemu-system-x86)' };
  const process = await QemuProcess.start({ arguments: ['-machine', 'q35,kernel-irqchip=off'] });
  const session = process.qtest;
  // PCIEXBAR of the host bridge, by configuration mechanism 1: enabled, 256 MiB.
  await session.send('outl 0xcf8 0x80000060\noutl 0xcfc 0xb0000001\n', 2);
  const commands = places()
    .map((place) => `readl 0x${(QEMU_ECAM + place).toString(16)}\n`)
    .join('');
  return {
    name,
    async measure(): Promise<Measurement> {
      const start = performance.now();
      const answers = await session.send(commands, READS);
      const seconds = (performance.now() - start) / 1000;
      let check = 0;
      for (const line of answers.toString('latin1').split('\n')) {
        if (line !== '') check = (Math.imul(check, 31) + Number(line.slice(3))) >>> 0;
      }
      return { seconds, operations: READS, check: String(check) };
    },
    close: () => process.kill(),
  };
}
