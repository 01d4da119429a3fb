import {
  type MmconfigAccess,
  type Phase,
  StrategyViolation,
  type Type1ConfigAccess,
} from '@quiesce/strategy';
import type { ConfigPort } from '../pci/config-port.ts';

type Report = (violation: StrategyViolation) => StrategyViolation;

/** Type 1 accesses for a strategy, checked: a mistake is a violation, not another register. */
export function type1Service(port: ConfigPort, phase: Phase, report: Report): Type1ConfigAccess {
  const check = (bus: number, device: number, fn: number, offset: number, size: number): void => {
    checkPlace(0, bus, device, fn, offset, size, 256, phase, report);
  };
  const read = (size: number) => (bus: number, device: number, fn: number, offset: number) => {
    check(bus, device, fn, offset, size);
    return port.read(0, bus, device, fn, offset, size);
  };
  const write =
    (size: number) => (bus: number, device: number, fn: number, offset: number, value: number) => {
      check(bus, device, fn, offset, size);
      port.write(0, bus, device, fn, offset, size, value);
    };
  return {
    read8: read(1),
    read16: read(2),
    read32: read(4),
    write8: write(1),
    write16: write(2),
    write32: write(4),
  };
}

/** The same over MMCONFIG. */
export function mmconfigService(port: ConfigPort, phase: Phase, report: Report): MmconfigAccess {
  const read =
    (size: number) => (segment: number, bus: number, device: number, fn: number, offset: number) => {
      checkPlace(segment, bus, device, fn, offset, size, 4096, phase, report);
      return port.read(segment, bus, device, fn, offset, size);
    };
  const write =
    (size: number) =>
    (segment: number, bus: number, device: number, fn: number, offset: number, value: number) => {
      checkPlace(segment, bus, device, fn, offset, size, 4096, phase, report);
      port.write(segment, bus, device, fn, offset, size, value);
    };
  return {
    read8: read(1),
    read16: read(2),
    read32: read(4),
    write8: write(1),
    write16: write(2),
    write32: write(4),
  };
}

function checkPlace(
  segment: number,
  bus: number,
  device: number,
  fn: number,
  offset: number,
  size: number,
  limit: number,
  phase: Phase,
  report: Report,
): void {
  const fits =
    Number.isInteger(segment) &&
    segment >= 0 &&
    bus >= 0 &&
    bus <= 255 &&
    device >= 0 &&
    device <= 31 &&
    fn >= 0 &&
    fn <= 7 &&
    Number.isInteger(offset) &&
    offset >= 0 &&
    offset + size <= limit &&
    (offset & 3) + size <= 4;
  if (fits) return;
  throw report(
    new StrategyViolation(
      'CONFIG_ACCESS',
      phase,
      `no access of ${size} bytes at ${segment}:${bus}:${device}.${fn} offset ${offset} (0 .. ${limit - 1}, within a dword)`,
    ),
  );
}
