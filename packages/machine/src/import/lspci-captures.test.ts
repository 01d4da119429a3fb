import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hexToBytes } from '../build/config-bytes.ts';
import { ConfigReader } from '../description/config-reader.ts';
import { capturedMachines, haveShared, sharedFolder } from '../testing/captures.ts';
import { importMachine } from './import-machine.ts';
import { type LspciFunction, parseLspci } from './lspci.ts';
import { parseLspciTree } from './lspci-tree.ts';

const machines = `${sharedFolder}/real-captures/machines`;
const file = 'lspci.txt';

/** Registers that hold something else than the kernel says: controllers that sleep have lost their BARs. */
const asleep = ['0000:80:15.0', '0000:80:15.2', '0000:80:15.3'];

function wrongBytes(one: LspciFunction, truth: LspciFunction): string[] {
  if (new ConfigReader(truth.bytes).isAbsent || asleep.includes(one.name)) return [];
  return (one.decoded ?? []).flatMap(({ start, end, from, bits = 0xff, line }) => {
    if (from !== 'text') return [];
    return Array.from({ length: end - start }, (_, i) => start + i)
      .filter((at) => !truth.missing.some((range) => range.start <= at && at < range.end))
      .filter((at) => (((one.bytes[at] as number) ^ (truth.bytes[at] as number)) & bits) !== 0)
      .map((at) => `${one.name} ${at.toString(16)} line ${line}`);
  });
}

describe.skipIf(!haveShared)('words of real machines (../shared/real-captures)', () => {
  const captured = capturedMachines().filter((one) => one.name !== 'ground-truth');

  it.each(captured)('of $name say nothing that its bytes contradict', ({ name, capture }) => {
    const truth = new Map(parseLspci(capture.lspci, { file }).functions.map((one) => [one.name, one]));
    const words = new TextDecoder().decode(capture.lspci).replace(/^[0-9a-f]{2,3}: .*\n/gm, '');
    const { functions } = parseLspci(words, { file });
    expect(functions.map((one) => one.name)).toEqual([...truth.keys()]);
    let said = 0;
    for (const one of functions) {
      const known = truth.get(one.name) as LspciFunction;
      expect(wrongBytes(one, known)).toEqual([]);
      for (const { start, end, from } of one.decoded ?? []) if (from === 'text') said += end - start;
      const [a, b] = [new ConfigReader(one.bytes), new ConfigReader(known.bytes)];
      expect([a.expressType, a.headerType, a.isAbsent], one.name).toEqual([
        b.expressType,
        b.headerType,
        b.isAbsent,
      ]);
      if (known.missing.length > 0 || b.isAbsent) continue;
      for (const id of [1, 5, 0x10, 0x11, 0x13]) expect(a.capability(id), one.name).toBe(b.capability(id));
    }
    expect(said).toBeGreaterThan(35 * functions.length);
    const machine = importMachine({ lspci: words }, { name });
    const whole = importMachine({ lspci: capture.lspci }, { name });
    expect(machine.functions.map((one) => [one.name, one.endpoint.kind, one.driver])).toEqual(
      whole.functions.map((one) => [one.name, one.endpoint.kind, one.driver]),
    );
    expect(machine.rootComplexes.length).toBe(whole.rootComplexes.length);
  });

  it.each(['asus-z890-sriov', 'dell-precision-5820-vmd'])(
    'of %s tell ports from bridges without capabilities, as an ordinary user has them',
    (name) => {
      const { capture } = captured.find((one) => one.name === name) as (typeof captured)[number];
      const text = new TextDecoder().decode(capture.lspci).replace(/^[0-9a-f]{2,3}: .*\n/gm, '');
      const denied = text.replace(
        /^\tCapabilities: \[.*\n(?:\t\t.*\n)*/gm,
        '\tCapabilities: <access denied>\n',
      );
      const typesOf = (lspci: string | Uint8Array): unknown[] =>
        importMachine({ lspci }, { name }).functions.flatMap((one) => {
          const read = new ConfigReader(hexToBytes(one.config) as Uint8Array);
          return read.isBridge ? [[one.name, read.expressType]] : [];
        });
      expect(typesOf(denied)).toEqual(typesOf(capture.lspci));
    },
  );

  const trees = (haveShared ? readdirSync(machines) : []).filter((name) =>
    existsSync(`${machines}/${name}/lspci-tree.txt`),
  );
  const dumpOf = (name: string): string => {
    const found = readdirSync(`${machines}/${name}`).find((one) => /^lspci-nn.*\.txt$/.test(one)) as string;
    return readFileSync(`${machines}/${name}/${found}`, 'utf8');
  };

  it('has three trees', () => {
    expect(trees).toEqual(['asus-z890-sriov', 'dell-precision-5820-vmd', 'supermicro-7048gr']);
  });

  it.each(trees)('the tree of %s is that of its functions', (name) => {
    const tree = parseLspciTree(readFileSync(`${machines}/${name}/lspci-tree.txt`), { file });
    const known = new Map(parseLspci(dumpOf(name), { file }).functions.map((one) => [one.name, one]));
    expect(tree.notes).toEqual([]);
    expect(tree.functions.map((one) => one.name).sort()).toEqual([...known.keys()].sort());
    for (const { name: bridge, secondary, subordinate } of tree.bridges) {
      const one = known.get(bridge) as LspciFunction;
      expect(new ConfigReader(one.bytes).classCode >>> 8, bridge).toBe(0x0604);
      // Without bytes and -v nothing but the tree knows of buses.
      if (one.bytes[0x1a] !== 0) expect([...one.bytes.slice(0x19, 0x1b)]).toEqual([secondary, subordinate]);
    }
    const bridges = [...known.values()].filter((one) => new ConfigReader(one.bytes).isBridge);
    expect(tree.bridges.map((one) => one.name).sort()).toEqual(bridges.map((one) => one.name).sort());
  });

  it('several calls in one file are one machine: supermicro-7048gr', () => {
    const { functions, notes } = parseLspci(dumpOf('supermicro-7048gr'), { file });
    expect(notes).toEqual([]);
    expect(functions).toHaveLength(197);
    const graphics = functions.find((one) => one.name === '0000:02:00.0') as LspciFunction;
    expect(graphics).toMatchObject({ kernelDriver: 'nvidia', verbose: true });
    expect(graphics.bytes).toHaveLength(4096);
    expect(new ConfigReader(graphics.bytes).extendedCapability(1)).toBe(0x420);
    expect(graphics.decoded?.every(({ start }) => start >= 0x100)).toBe(true);
    const port = functions.find((one) => one.name === '0000:00:01.0') as LspciFunction;
    expect(port).toMatchObject({ verbose: false });
    expect(new ConfigReader(port.bytes).u32(0)).toBe(0x6f02_8086);
  });
});
