import type { ConfigDifference } from '../laboratory.ts';
import type { ContractLaw } from '../law.ts';
import { overMachines } from './over-machines.ts';

const PCI_EXPRESS = 0x10;
/** Bus Master Enable and Interrupt Disable: a strategy may keep a device quiet. */
const QUIETING = 0x0404;
/** Control halves of the PCI Express capability, by offset in it (PCIe 7.5.3). */
const CONTROLS = [0x08, 0x10, 0x18, 0x1c, 0x28, 0x30, 0x38];

/**
 * The header and the controls of the PCI Express capability of a function that was reset are, when the hook returns,
 * as they were: a kernel that finds bridges without bus numbers or devices without BARs has lost them. What firmware
 * was asked to reset does not count: that is done before an enumeration that gives out numbers and addresses anew.
 */
export const restores: ContractLaw = {
  name: 'restores',
  description: 'Config space of what a hook has reset is put back before the hook returns.',
  check: (plugin, laboratory) =>
    overMachines(plugin, laboratory, ({ configDifferences }) => {
      const lost = configDifferences.find((each) => each.reset && relevant(each));
      if (lost === undefined) return undefined;
      const where = `${lost.function} at 0x${lost.offset.toString(16).padStart(2, '0')}`;
      return `${lost.hook} reset ${where}: ${hex(lost.before)} before, ${hex(lost.after)} after`;
    }),
};

function relevant(difference: ConfigDifference): boolean {
  const changed = (difference.before ^ difference.after) >>> 0;
  return (changed & configurationBits(difference)) !== 0;
}

/** Bits of a dword that are configuration: no status, and nothing that every driver sets anew. */
function configurationBits({ capability, headerType, offset }: ConfigDifference): number {
  if (capability !== undefined) {
    return capability.id === PCI_EXPRESS && !capability.extended && CONTROLS.includes(capability.offset)
      ? 0xffff
      : 0;
  }
  if (offset >= 0x40) return 0;
  if (offset === 0x04) return 0xffff & ~QUIETING;
  // Secondary Status is the upper half of a bridge's 0x1c.
  if (offset === 0x1c && headerType === 1) return 0xffff;
  return 0xffff_ffff;
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}
