import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { resolveOptions } from '@quiesce/strategy';
import { MiniMachine } from '@quiesce/strategy/contract';
import { RootTable, SecondLevelTable } from '@quiesce/vtd-iommu';
import { describe, expect, test } from 'vitest';
import { acceptActiveIommuCopy } from './accept-active-iommu-copy.ts';

const captured = fileURLToPath(new URL('../../../../shared/ground-truth/vtd-pages/', import.meta.url));
const ROOT_TABLE = 0x606_0000;
const TRANSLATION_QUEUE_AND_INTERRUPTS = 0x8600_0000;

/** A machine whose memory holds the tables that a real first kernel had left when it was captured. */
function capturedMachine(): MiniMachine {
  const machine = new MiniMachine({ name: 'captured', functions: [] });
  for (const name of readdirSync(captured)) {
    const address = /^mem-([0-9a-f]+)\.bin$/.exec(name)?.[1];
    if (address === undefined) continue;
    const bytes = readFileSync(`${captured}${name}`);
    for (let at = 0; at < bytes.length; at += 4) {
      machine.memory.write32(Number.parseInt(address, 16) + at, bytes.readUInt32LE(at));
    }
  }
  machine.unit.start(ROOT_TABLE, TRANSLATION_QUEUE_AND_INTERRUPTS);
  return machine;
}

describe.skipIf(!existsSync(captured))('tables of a real kernel', () => {
  test('every device of the capture finds every page where it was', () => {
    const machine = capturedMachine();
    const { memory } = machine;
    const options = resolveOptions(acceptActiveIommuCopy, {});
    acceptActiveIommuCopy.create(options).iommuInit?.(machine.contextFor('iommuInit', { options }));

    const [before, after] = [ROOT_TABLE, machine.unit.rootTable].map((address) =>
      RootTable.at(address, { memory, scalable: false }),
    );
    const mappings = (root: RootTable | undefined, requesterId: number) => {
      const words = root?.context(requesterId) ?? [];
      const table = SecondLevelTable.at(((words[0] ?? 0) & 0xffff_f000) >>> 0, { memory, levels: 3 });
      return [...table.entries()].map(({ iova, physical, read, write }) => ({ iova, physical, read, write }));
    };
    const requesters = [...(before?.contexts() ?? [])].map(({ requesterId }) => requesterId);
    expect(requesters).toEqual(expect.arrayContaining([0x0100, 0x0400, 0x0020, 0x00d8, 0x0600, 0x0700]));
    for (const requesterId of requesters) {
      expect(mappings(after, requesterId)).toEqual(mappings(before, requesterId));
    }
    expect(mappings(after, 0x0100)).toContainEqual({
      iova: 0xffff_c000,
      physical: 0x3fba_8000,
      read: true,
      write: true,
    });
    expect(machine.kernelCalls.map(({ name }) => name)).toContain('invalidateTranslations');
  });

  test('the receive ring is in a range that the second kernel hands out to nobody', () => {
    const machine = capturedMachine();
    const options = resolveOptions(acceptActiveIommuCopy, {});
    acceptActiveIommuCopy.create(options).iommuInit?.(machine.contextFor('iommuInit', { options }));
    const adopted = machine.kernelCalls
      .filter(({ name }) => name === 'adoptDomain')
      .map(
        (call) =>
          call.arguments[0] as {
            requesterId: number;
            domainId: number;
            reserved: { start: number; end: number }[];
          },
      )
      .find(({ requesterId }) => requesterId === 0x0100);
    expect(adopted?.domainId).toBe(10);
    expect(adopted?.reserved.some(({ start, end }) => start <= 0xffff_c000 && end > 0xffff_c000)).toBe(true);
  });
});
