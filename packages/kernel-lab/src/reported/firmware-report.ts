import { setTimeout as sleep } from 'node:timers/promises';
import type { Machine } from '@quiesce/machine';
import { QemuError, type QemuProcess } from '@quiesce/qemu-control';
import { readAcpiTable } from './acpi-tables.ts';
import { readBarSizes } from './bar-sizes.ts';
import { readConfigSpaces } from './config-spaces.ts';
import type { GuestReport } from './import-reported.ts';
import { lspciText } from './lspci-text.ts';
import { readUnitRegisters } from './unit-registers.ts';

const ECAM = 0xb000_0000;
/** Programmable Attribute Map of the host bridge, once firmware has write-protected its own code: its last act. */
const ATTRIBUTE_MAP = 0x90;
const PROTECTED = [0x1111_1110, 0x33_1111] as const;
const POLL_MS = 20;

/**
 * What a guest is when its firmware is done with it, without any kernel: lets the processor run until then, and holds it.
 * The machine says where its root complexes and units are looked for.
 * @throws QemuError `QEMU_TIMEOUT` if firmware is not done within `ms`
 */
export async function firmwareReport(
  qemu: QemuProcess,
  machine: Machine,
  ms = 120_000,
): Promise<GuestReport> {
  const { qmp, qtest } = qemu;
  const until = Date.now() + ms;
  await qmp.execute('cont');
  const isDone = async (): Promise<boolean> =>
    (await qtest.read32(ECAM + ATTRIBUTE_MAP)) === PROTECTED[0] &&
    (await qtest.read32(ECAM + ATTRIBUTE_MAP + 4)) === PROTECTED[1];
  while (!(await isDone())) {
    if (Date.now() > until) throw new QemuError('QEMU_TIMEOUT', `firmware is not done within ${ms / 1000} s`);
    await sleep(POLL_MS);
  }
  await qmp.execute('stop');
  const firstBuses = machine.rootComplexes.map((one) => one.firstBus);
  const units = [];
  for (const unit of machine.units) units.push(await readUnitRegisters(qtest, unit.registerBase));
  const functions = await readConfigSpaces(qtest, ECAM, firstBuses);
  return {
    lspci: lspciText(functions, await readBarSizes(qtest, ECAM, functions)),
    dmar: await readAcpiTable(qtest, 'DMAR'),
    mcfg: await readAcpiTable(qtest, 'MCFG'),
    units,
  };
}
