import { crash } from '@quiesce/boot-sequencer';
import { preset } from '@quiesce/machine';
import { VtdUnit, walkLegacy, walkScalable } from '@quiesce/vtd-iommu';
import { describe, expect, it } from 'vitest';
import { idle } from '../testing/model-as-kernel.ts';
import { askContext, readContext } from './context-walk.ts';
import { machineRequesters } from './machine-requesters.ts';

const RTADDR = 0x20;

describe.each([
  ['q35-lab', 'linux-6.1.192', walkLegacy],
  ['q35-scalable-lab', 'linux-6.1.187', walkScalable],
] as const)('the context of each function of %s under %s', (name, kernel, walk) => {
  const machine = preset(name);
  const { world } = crash({ machine, strategy: idle, kernel, seed: 1 });
  const { memory, units } = world.hardware;
  const unit = units[0] as VtdUnit;
  const { low, high } = unit.readWide(RTADDR);
  const rootTable = high * 0x1_0000_0000 + low;
  const read32 = (address: number): number => memory.read32(address);

  it('is what a walk by the specification comes through', () => {
    expect(unit).toBeInstanceOf(VtdUnit);
    const found = machineRequesters(machine).map(({ requesterId }) => {
      const context = readContext(rootTable, requesterId, read32);
      const walked = walk(memory, rootTable - (rootTable % 4096), requesterId, 0xffff_f000);
      expect(context?.domainId).toBe(walked.domainId);
      const levels = walked.steps.filter(({ level }) => typeof level === 'number');
      if (levels.length > 0) expect(context?.table).toBe(levels[0]?.table);
      return context;
    });
    expect(found.filter((one) => one !== null).length).toBeGreaterThan(5);
  });

  it('is the same where memory has to be asked; absent beyond the tables', async () => {
    const { requesterId } = machineRequesters(machine)[0] as { requesterId: number };
    const asked = await askContext(rootTable, requesterId, async (address) => read32(address));
    expect(asked).toEqual(readContext(rootTable, requesterId, read32));
    expect(asked).not.toBeNull();
    expect(readContext(rootTable, 0x7f00, read32)).toBeNull();
    expect(readContext(rootTable, requesterId, () => 0xffff_ffff)).toBeNull();
  });
});
