import { PcieHierarchy } from '@quiesce/pcie-model';
import { UserError } from '@quiesce/simulation';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigReader } from '../description/config-reader.ts';
import { parseFunctionName } from '../description/function-name.ts';
import { networkCard, nvmeDrive } from '../presets/express-devices.ts';
import { msi, msix, opaqueCapability, powerManagement } from './capability-plan.ts';
import { hexToBytes } from './config-bytes.ts';
import {
  accessControlServices,
  advancedErrorReporting,
  deviceSerialNumber,
} from './extended-capabilities.ts';
import type { FunctionPlan } from './function-plan.ts';
import { PcieType, pciExpress } from './pci-express-capability.ts';
import { pcieToPciBridge, rootPort, switchPlan } from './port-plans.ts';
import { type BuiltRootComplex, buildRootComplex } from './root-complex.ts';

function build(functions: readonly FunctionPlan[], lastBus = 255): BuiltRootComplex {
  return buildRootComplex({
    firstBus: 0,
    lastBus,
    memory: { start: 0xc000_0000, end: 0xd000_0000 },
    io: { start: 0x1000, end: 0x1_0000 },
    functions,
  });
}

function hierarchyOf({ description, functions }: BuiltRootComplex): PcieHierarchy {
  return new PcieHierarchy({
    functions: functions.map((one) => ({
      ...(parseFunctionName(one.name) as NonNullable<ReturnType<typeof parseFunctionName>>),
      config: hexToBytes(one.config) as Uint8Array,
      barSizes: one.barSizes,
      endpoint: one.endpoint,
    })),
    rootComplexes: [description],
    now: () => 0,
  });
}

describe('buildRootComplex', () => {
  it('numbers buses depth first', () => {
    const { functions } = build([
      rootPort({
        device: 1,
        below: [
          switchPlan({
            device: 0,
            ports: [
              { device: 0, below: [networkCard()] },
              { device: 1, below: [nvmeDrive()] },
            ],
          }),
        ],
      }),
      rootPort({ device: 2, below: [pcieToPciBridge({ device: 0, below: [networkCard({ device: 4 })] })] }),
    ]);
    expect(functions.map((one) => one.name.slice(5))).toEqual([
      '00:01.0',
      '01:00.0',
      '02:00.0',
      '03:00.0',
      '02:01.0',
      '04:00.0',
      '00:02.0',
      '05:00.0',
      '06:04.0',
    ]);
  });

  it('keeps spare buses below a port, and numbers that are given', () => {
    const { functions } = build([
      rootPort({ device: 1, spareBuses: 3, below: [networkCard()] }),
      rootPort({ device: 2, secondary: 0x20, below: [networkCard()] }),
    ]);
    expect(functions.map((one) => one.name.slice(5))).toEqual(['00:01.0', '01:00.0', '00:02.0', '20:00.0']);
    expect((functions[0] as { config: string }).config.slice(0x30, 0x36)).toBe('000104');
  });

  /** A tree of ports, switches, bridges and cards. */
  const tree = fc.letrec<{ below: FunctionPlan }>((tie) => ({
    below: fc.oneof(
      { maxDepth: 3 },
      fc.constant(networkCard()),
      fc.constant(nvmeDrive()),
      fc
        .array(tie('below'), { minLength: 1, maxLength: 3 })
        .map((cards) =>
          switchPlan({ device: 0, ports: cards.map((card, device) => ({ device, below: [card] })) }),
        ),
      fc.array(fc.nat({ max: 31 }), { maxLength: 3 }).map((devices) =>
        pcieToPciBridge({
          device: 0,
          below: [...new Set(devices)].map((device) => networkCard({ device })),
        }),
      ),
    ),
  })).below;

  it('opens windows so that every function and every BAR can be reached, whatever the tree', () => {
    fc.assert(
      fc.property(fc.array(tree, { minLength: 1, maxLength: 4 }), (cards) => {
        const hierarchy = hierarchyOf(
          build(cards.map((card, index) => rootPort({ device: index + 1, below: [card] }))),
        );
        expect(hierarchy.notes).toEqual([]);
        for (const fn of hierarchy.functions) {
          const { segment, bus, device, fn: number } = fn.description;
          expect(hierarchy.visibleAt(segment, bus, device, number)).toBe(fn);
          for (const [bar, size] of fn.description.barSizes.entries()) {
            const low = fn.config.file.peek32(0x10 + 4 * bar);
            if (size === 0) continue;
            const first = (low & 1) === 1 ? low & 0xfffc : (low & 0xffff_fff0) >>> 0;
            const route = (at: number): unknown =>
              ((low & 1) === 1 ? hierarchy.routeIo(at) : hierarchy.routeMemory(at))?.fn;
            expect([route(first), route(first + size - 1)]).toEqual([fn, fn]);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it.each([
    ['bus numbers', () => build([rootPort({ device: 1 }), rootPort({ device: 2 })], 1), 'BUILD_BUSES'],
    ['a bus number that is taken', () => build([rootPort({ device: 1, secondary: 0 })]), 'BUILD_BUSES'],
    [
      'memory',
      () => build([{ ...networkCard(), bars: [{ kind: 'memory', size: 0x2000_0000 }] }]),
      'BUILD_SPACE',
    ],
  ])('says that it has no more %s', (_, run, code) => {
    expect(run).toThrow(UserError);
    expect(run).toThrow(expect.objectContaining({ code }) as Error);
  });
});

describe('capabilities', () => {
  const any = fc.constantFrom(
    powerManagement(),
    msi({ maskable: true }),
    msix({ vectors: 4, bar: 0, pendingOffset: 0x800 }),
    opaqueCapability(0x09, [4, 1, 2]),
    advancedErrorReporting(),
    deviceSerialNumber(1, 2),
    accessControlServices(),
  );

  it('are linked so that each is found, whatever their order', () => {
    fc.assert(
      fc.property(fc.uniqueArray(any, { selector: (one) => `${one.extended}${one.id}` }), (capabilities) => {
        const plan = {
          ...networkCard(),
          capabilities: [pciExpress({ type: PcieType.endpoint }), ...capabilities],
        };
        const [built] = build([plan]).functions as unknown as [{ config: string }];
        const config = new ConfigReader(hexToBytes(built.config) as Uint8Array);
        for (const { id, extended, bytes } of plan.capabilities) {
          const at = extended ? config.extendedCapability(id) : config.capability(id);
          expect(at, `capability ${id}`).not.toBe(0);
          const head = extended ? 4 : 2;
          expect(config.bytes.slice(at + head, at + bytes.length)).toEqual(bytes.slice(head));
        }
      }),
    );
  });
});

describe('ConfigReader', () => {
  it('ends on capability lists with loops', () => {
    const bytes = new Uint8Array(4096);
    bytes.set([0x10], 0x06);
    bytes.set([0x40], 0x34);
    bytes.set([0x01, 0x40], 0x40);
    bytes.set([0x01, 0x00, 0x01, 0x10], 0x100);
    expect(new ConfigReader(bytes).capability(0x05)).toBe(0);
    expect(new ConfigReader(bytes).extendedCapability(0x0f)).toBe(0);
  });
});
