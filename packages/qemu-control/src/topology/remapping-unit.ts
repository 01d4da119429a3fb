import type { Machine, MachineUnit } from '@quiesce/machine';
import { UserError } from '@quiesce/simulation';

/** The one place of QEMU's unit. */
const REGISTER_BASE = 0xfed9_0000;

/** Bits of the two capability registers that QEMU's properties set (VT-d 11.4.2, 11.4.3). */
const bit = {
  cachingMode: 7,
  deviceTlb: 2,
  interruptRemapping: 3,
  extendedInterruptMode: 4,
  passThrough: 6,
  scalableMode: 43,
} as const;

/**
 * `-device intel-iommu` with the properties that its capability registers speak of; empty for a machine without a unit.
 * @throws UserError `QEMU_TOPOLOGY` if QEMU's q35 cannot have such a unit
 */
export function remappingUnitArguments(machine: Machine): string[] {
  const [unit, ...others] = machine.units;
  if (unit === undefined) return [];
  const isQemus = others.length === 0 && unit.architecture === 'vt-d' && unit.registerBase === REGISTER_BASE;
  if (!isQemus) {
    throw new UserError('QEMU_TOPOLOGY', `machine "${machine.name}" has units that q35 cannot have`, {
      expected: 'none, or one VT-d unit at 0xfed90000',
    });
  }
  const properties = ['intel-iommu', ...propertiesOf(unit)];
  return ['-device', properties.join(',')];
}

function propertiesOf(unit: MachineUnit): string[] {
  const on = (register: string, number: number): boolean => bitOf(register, number);
  const { capability, extendedCapability } = unit;
  return [
    `intremap=${on(extendedCapability, bit.interruptRemapping) ? 'on' : 'off'}`,
    ...(on(extendedCapability, bit.extendedInterruptMode) ? ['eim=on'] : []),
    ...(on(extendedCapability, bit.scalableMode) ? ['x-scalable-mode=on'] : []),
    ...(on(extendedCapability, bit.deviceTlb) ? ['device-iotlb=on'] : []),
    ...(on(extendedCapability, bit.passThrough) ? [] : ['pt=off']),
    ...(on(capability, bit.cachingMode) ? ['caching-mode=on'] : []),
    ...(addressBits(capability) === 48 ? ['aw-bits=48'] : []),
  ];
}

/** Maximum Guest Address Width, CAP bits 21:16, counts from one bit. */
function addressBits(capability: string): number {
  return ((Number.parseInt(capability.slice(8), 16) >>> 16) % 0x40) + 1;
}

/** Bit `number` of 16 hexadecimal digits. */
function bitOf(register: string, number: number): boolean {
  const half = Number.parseInt(number < 32 ? register.slice(8) : register.slice(0, 8), 16);
  return ((half >>> (number % 32)) & 1) === 1;
}
