import { crash, type KernelPciDevice } from '@quiesce/boot-sequencer';
import { type Machine, preset } from '@quiesce/machine';
import { defineStrategy, type PciDevice, type Strategy, type StrategyPlugin } from '@quiesce/strategy';
import { expect, it } from 'vitest';
import { ModelGuest } from '../testing/model-guest.ts';
import { ecamPort } from './config-ports.ts';
import { walkDevices } from './walk-devices.ts';

interface Seen {
  readonly name: string;
  readonly above: string | undefined;
  readonly below: readonly string[];
  readonly driven: boolean;
  readonly type: number | undefined;
  readonly ids: readonly number[];
}

function seen(one: PciDevice): Seen {
  return {
    name: one.name,
    above: one.upstream?.name,
    below: one.children.map(({ name }) => name),
    driven: one.hasDriver,
    type: one.pcieType,
    ids: [one.vendorId, one.deviceId, one.classCode, one.headerType, one.findCapability(0x10)],
  };
}

/** The list that the model's second kernel has, and what the lab finds on the same hardware at the same instant. */
function lists(machine: Machine): { model: Seen[]; guest: ModelGuest; found: KernelPciDevice[] } {
  let model: Seen[] = [];
  const strategy: Strategy = {
    name: 'stop',
    description: 'Stops.',
    sources: [],
    initcalls: [
      {
        level: 'fs_sync',
        name: 'stop',
        run: (ctx) => {
          model = [...ctx.devices].map(seen);
          throw new Error('as far as this');
        },
      },
    ],
  };
  const plugin: StrategyPlugin = defineStrategy({ ...strategy, create: () => strategy });
  const guest = new ModelGuest(crash({ machine, strategy: plugin, kernel: 'linux-6', seed: 1 }).world);
  const driven = new Set(machine.functions.filter(({ driver }) => driver.second).map(({ name }) => name));
  const port = ecamPort(guest, machine);
  const found = walkDevices(
    machine,
    () => port,
    (name) => driven.has(name),
  );
  return { model, guest, found };
}

it.each(['q35-lab', 'server-2012', 'three-roots', 'q35-scalable-lab'])(
  'finds on %s what enumeration found, in its order, and writes nothing',
  (name) => {
    const machine = preset(name);
    const { model, guest, found } = lists(machine);
    expect(found.map(seen)).toEqual(model);
    expect(guest.accesses.filter(({ write }) => write)).toEqual([]);
  },
);

it('looks for device 0 alone below a link', () => {
  const { guest } = lists(preset('q35-lab'));
  const below = guest.accesses.map(({ address }) => (address - 0xb000_0000) >>> 15);
  expect(below).toContain(1 << 5);
  expect(below).not.toContain((1 << 5) | 1);
  // The buses of the root complex and inside of the switch have more.
  expect(below).toContain(31);
  expect(below).toContain((3 << 5) | 2);
});

it('goes through bus numbers as they stand, never twice', () => {
  const machine = preset('q35-lab');
  const { guest } = lists(machine);
  const port = ecamPort(guest, machine);
  const all = (): string[] =>
    walkDevices(
      machine,
      () => port,
      () => false,
    ).map((one) => one.name);
  const before = all();
  // Two root ports with the same numbers, and one that leads back to its own bus.
  port.write(0, 0, 3, 0, 0x19, 1, 1);
  port.write(0, 0, 3, 0, 0x1a, 1, 1);
  port.write(0, 0, 2, 0, 0x19, 1, 0);
  const after = all();
  expect(new Set(after).size).toBe(after.length);
  expect(before).toEqual(expect.arrayContaining(after));
  expect(after).not.toContain('0000:07:00.0');
  expect(after).toContain('0000:01:00.0');
});
