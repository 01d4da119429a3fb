import type { Machine } from '@quiesce/machine';
import type { QtestClient } from '@quiesce/qemu-control';
import type { UnitPhase } from '../account/account.ts';
import { askContext } from '../account/context-walk.ts';
import type { MachineRequester } from '../account/machine-requesters.ts';
import { ecamAddress } from '../guest/ecam-address.ts';

const GSTS = 0x1c;
const RTADDR = 0x20;
const IRTA = 0xb8;
const TRANSLATION = 0x8000_0000;
const INTERRUPT_REMAPPING = 0x0200_0000;
const COMMAND = 4;

/** What stood in the hardware's registers and tables at one moment. */
export interface HardwareSight {
  /** Command register by function name; 0xffff where nothing answers. */
  readonly commands: ReadonlyMap<string, number>;
  /** By unit name. */
  readonly units: Readonly<Record<string, UnitPhase>>;
}

/** Looks at a guest's hardware from outside; reading changes nothing, and the guest may run on meanwhile. */
export async function seeHardware(
  qtest: QtestClient,
  machine: Machine,
  requesters: readonly MachineRequester[],
): Promise<HardwareSight> {
  const commands = await qtest.run(
    requesters.map((one) => `readw 0x${(configAddress(machine, one) + COMMAND).toString(16)}`),
  );
  const units: Record<string, UnitPhase> = {};
  for (const { name, registerBase } of machine.units) {
    const wide = async (offset: number): Promise<number> => {
      const [low = 0, high = 0] = await qtest.run(
        [offset, offset + 4].map((each) => `readl 0x${(registerBase + each).toString(16)}`),
      );
      return high * 0x1_0000_0000 + low;
    };
    const status = await qtest.read32(registerBase + GSTS);
    const rootTable = await wide(RTADDR);
    const contexts: Record<string, UnitPhase['contexts'][string]> = {};
    for (const { name: fn, requesterId } of requesters) {
      contexts[fn] = await askContext(rootTable, requesterId, (address) => qtest.read32(address));
    }
    units[name] = {
      translation: (status & TRANSLATION) !== 0,
      interruptRemapping: (status & INTERRUPT_REMAPPING) !== 0,
      rootTable,
      interruptTable: await wide(IRTA),
      contexts,
    };
  }
  return { commands: new Map(requesters.map(({ name }, i) => [name, commands[i] ?? 0xffff])), units };
}

function configAddress(machine: Machine, { bus, device, fn }: MachineRequester): number {
  const root = machine.rootComplexes.find(({ firstBus, lastBus }) => firstBus <= bus && bus <= lastBus);
  const base = root?.ecamBase ?? machine.rootComplexes[0]?.ecamBase ?? 0;
  return ecamAddress(base, bus, device, fn);
}
