import { UserError } from '@quiesce/simulation';
import Ajv2020 from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import machineSchema from '../../schema/machine.schema.json' with { type: 'json' };
import { preset, presets } from '../presets/presets.ts';
import type { Machine } from './machine.ts';
import { parseMachine } from './parse-machine.ts';

const Ajv = Ajv2020.default ?? Ajv2020;
const validate = new Ajv({ strict: false, validateFormats: false }).compile(machineSchema);

/** JSON of a preset that a test may write into. */
type Writable = { [key: string]: Writable } & Writable[];
function q35(change: (machine: Writable) => void): unknown {
  const machine = structuredClone(preset('q35-lab')) as unknown as Writable;
  change(machine);
  return machine;
}

function errorOf(input: unknown): UserError {
  try {
    parseMachine(input, { file: 'm.json' });
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const set =
  (path: string, value: unknown) =>
  (machine: Writable): void => {
    const steps = path.split('.');
    const last = steps.pop() as string;
    let at: Writable = machine;
    for (const step of steps) at = at[step as never] as Writable;
    if (value === undefined) delete at[last];
    else at[last] = value as Writable;
  };

describe('parseMachine', () => {
  it.each(Object.keys(presets))('takes %s as it is, as text and as bytes', (name) => {
    const machine = preset(name);
    const text = JSON.stringify(machine);
    expect(parseMachine(machine)).toBe(machine);
    expect(parseMachine(text)).toEqual(machine);
    expect(parseMachine(new TextEncoder().encode(text))).toEqual(machine);
    expect(validate(machine)).toBe(true);
  });

  it.each([
    ['no JSON', '{"schema":', 'MACHINE_JSON', 'not JSON'],
    ['no object', '[]', 'MACHINE_SCHEMA', 'is an array (expected an object)'],
    [
      'another schema',
      q35(set('schema', 'quiesce/machine/2')),
      'MACHINE_SCHEMA',
      '/schema is "quiesce/machine/2"',
    ],
    ['a missing name', q35(set('name', undefined)), 'MACHINE_SCHEMA', 'has no "name"'],
    ['a member that is not known', q35(set('colour', 'red')), 'MACHINE_SCHEMA', 'has "colour"'],
    ['a place that is none', q35(set('functions.3.name', '00:20.0')), 'MACHINE_SCHEMA', '/functions/3/name'],
    [
      'odd hexadecimal digits',
      q35(set('functions.0.config', 'abc')),
      'MACHINE_SCHEMA',
      '/functions/0/config',
    ],
    [
      'bad hexadecimal digits',
      q35(set('functions.0.config', 'zz'.repeat(256))),
      'MACHINE_SCHEMA',
      '/functions/0/config',
    ],
    [
      'five BARs',
      q35(set('functions.0.barSizes', [0, 0, 0, 0, 0])),
      'MACHINE_SCHEMA',
      'has 5 items (expected 6 .. 6)',
    ],
    [
      'a BAR that is no power of two',
      q35(set('functions.1.barSizes.0', 100)),
      'MACHINE_BAR',
      'BAR 0 of 0000:00:01.0',
    ],
    [
      'a kind that is none',
      q35(set('functions.4.endpoint.kind', 'toaster')),
      'MACHINE_SCHEMA',
      'expected "network-ring"',
    ],
    [
      'bytes per unit of 0',
      q35(set('functions.4.endpoint.workload.bytesPerUnit', 0)),
      'MACHINE_SCHEMA',
      'is 0',
    ],
    [
      'a fraction of a byte',
      q35(set('functions.4.endpoint.workload.burstBytes', 4.5)),
      'MACHINE_SCHEMA',
      'expected an integer',
    ],
    ['a function twice', q35(set('functions.2.name', '0000:00:01.0')), 'MACHINE_DUPLICATE', '0000:00:01.0'],
    [
      'a dump target that is not there',
      q35(set('dumpTarget', '0000:55:00.0')),
      'MACHINE_FUNCTION',
      '0000:55:00.0',
    ],
    [
      'a physical function that is not there',
      q35(set('functions.4.physicalFunction', '0000:55:00.0')),
      'MACHINE_FUNCTION',
      'none',
    ],
    [
      'its own physical function',
      q35(set('functions.4.physicalFunction', '0000:00:04.0')),
      'MACHINE_FUNCTION',
      'none',
    ],
    ['an empty region', q35(set('memoryMap.0.end', 0)), 'MACHINE_REGION', 'ends before it starts'],
    [
      'buffers in memory that nobody lends',
      q35(set('functions.4.driver.buffersIn', 'cma')),
      'MACHINE_REGION',
      'of which there is none',
    ],
    ['lent memory that is too small', q35(set('memoryMap.0.owner', 'cma')), 'MACHINE_REGION', '32 MiB'],
    ['regions that overlap', q35(set('memoryMap.0.end', 0x10_0001)), 'MACHINE_REGION', 'overlaps'],
    [
      'an owner that is none',
      q35(set('memoryMap.0.owner', 'nobody')),
      'MACHINE_SCHEMA',
      '/memoryMap/0/owner',
    ],
    [
      'a root complex that ends before it starts',
      q35((m) => {
        set('rootComplexes.0.firstBus', 4)(m);
        set('rootComplexes.0.lastBus', 3)(m);
      }),
      'MACHINE_ROOT_COMPLEX',
      'ends before it starts',
    ],
    ['a unit of another place', q35(set('units.0.registerBase', 0xfed9_1000)), 'MACHINE_UNIT', '0xfed90000'],
    [
      'a DMAR that is cut',
      q35((m) => set('dmar', String(m.dmar).slice(0, 120))(m)),
      'DMAR_TRUNCATED',
      'DMAR',
    ],
    [
      'an ECAM window between two buses',
      q35(set('rootComplexes.0.ecamBase', 0xb000_1000)),
      'MACHINE_SCHEMA',
      'multiple',
    ],
  ])('says what is wrong with %s', (_, input, code, message) => {
    const error = errorOf(input);
    expect(error.message).toContain(message);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(/^m\.json/);
  });

  /** Writes a secondary bus number into a bridge. */
  const secondary =
    (index: number, bus: number) =>
    (machine: Writable): void => {
      const one = (machine['functions' as never] as Writable)[index] as unknown as { config: string };
      one.config = one.config.slice(0, 0x32) + bus.toString(16).padStart(2, '0') + one.config.slice(0x34);
    };

  it('refuses two bridges that lead to one bus, and a loop of bridges', () => {
    expect(errorOf(q35(secondary(1, 7))).code).toBe('MACHINE_BUS');
    // 02:00.0, the switch's upstream port, leads back to bus 2 while its own root port leads elsewhere.
    const loop = q35((machine) => {
      secondary(2, 0x20)(machine);
      secondary(11, 2)(machine);
    });
    expect(errorOf(loop).code).toBe('MACHINE_BUS_LOOP');
  });

  it('agrees with another validator on what the schema means', () => {
    const machine = preset('q35-lab');
    const paths = pathsOf(machine);
    const value = fc.oneof(
      fc.constantFrom(undefined, null, true, -1, 0, 0.5, 3, 4096, 2 ** 53, '', 'x', 'none', [], {}),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.constantFrom(...paths), value, (path, replacement) => {
        const changed = q35(set(path, replacement));
        let ours = true;
        try {
          parseMachine(changed);
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
          ours = (error as UserError).code !== 'MACHINE_SCHEMA';
        }
        expect(ours, path).toBe(validate(JSON.parse(JSON.stringify(changed))));
      }),
      { numRuns: 400 },
    );
  });
});

/** Every place in the first functions and in all the rest of a machine. */
function pathsOf(machine: Machine): string[] {
  const found: string[] = [];
  const walk = (value: unknown, path: string): void => {
    if (path !== '') found.push(path);
    if (typeof value !== 'object' || value === null) return;
    for (const [name, item] of Object.entries(value)) {
      if (path === 'functions' && Number(name) > 4) continue;
      walk(item, path === '' ? name : `${path}.${name}`);
    }
  };
  walk(machine, '');
  return found;
}
