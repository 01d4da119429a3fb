import { defaultTraits, PcieHierarchy } from '@quiesce/pcie-model';
import { describe, expect, it } from 'vitest';
import { compareAnswers } from './compare-answers.ts';
import { functionMasks } from './function-masks.ts';
import type { Expectation } from './paired-access.ts';

/** A root port with a PCI Express capability at 0x40, and nothing else. */
function rootPort() {
  const config = new Uint8Array(256);
  const view = new DataView(config.buffer);
  view.setUint32(0x00, 0x000c_1b36, true);
  view.setUint32(0x04, 0x0010_0000, true);
  view.setUint32(0x08, 0x0604_0000, true);
  view.setUint8(0x0e, 1);
  view.setUint8(0x34, 0x40);
  view.setUint32(0x40, 0x0042_0010, true);
  const hierarchy = new PcieHierarchy({
    functions: [
      {
        segment: 0,
        bus: 0,
        device: 1,
        fn: 0,
        config,
        barSizes: [],
        endpoint: {
          kind: 'idle',
          traits: defaultTraits,
          workload: { ratePerSecond: 0, bytesPerUnit: 0, burstBytes: 0, direction: 'to-memory' },
        },
      },
    ],
    rootComplexes: [{ segment: 0, firstBus: 0, lastBus: 255 }],
    now: () => 0,
  });
  const fn = hierarchy.functions[0];
  if (fn === undefined) throw new Error('no function');
  return { fn, config, masks: [functionMasks(fn)] };
}

const value = (expected: number, uncompared = 0): Expectation => {
  return { kind: 'value', expected, uncompared, what: '00:01.0+4' };
};

describe('answers of QEMU', () => {
  const { fn, config, masks } = rootPort();
  const compare = (
    lines: readonly string[],
    expectations: readonly (Expectation | undefined)[],
    met: (id: string) => void = () => {},
  ): string[] =>
    compareAnswers(Buffer.from(`${lines.join('\n')}\n`), expectations, masks, met).map(
      ({ index, summary }) => `${index} ${summary}`,
    );

  it('are compared where one is expected', () => {
    expect(compare(['OK', 'OK 0x0000000000000007'], [undefined, value(7)])).toEqual([]);
    expect(compare(['OK 0x0000000000000007', 'OK'], [value(5), undefined])).toEqual([
      '0 00:01.0+4: model 0x5, QEMU 0x7',
    ]);
    expect(compare(['OK 0x00000000ffffffff'], [value(0xffff_ffff)])).toEqual([]);
    expect(compare(['OK 0x0000000080000000'], [value(0)])).toHaveLength(1);
  });

  it('may differ in bits that are listed, and in no others', () => {
    expect(compare(['OK 0x0000000000000007'], [value(5, 2)])).toEqual([]);
    expect(compare(['OK 0x000000000000000f'], [value(5, 2)])).toHaveLength(1);
  });

  it('tell which deviations they show', () => {
    const answer = config.slice();
    // Behind the capability, and the latency timer of the secondary side.
    answer[0x90] = 0x5a;
    answer[0x1b] = 0x11;
    const met: string[] = [];
    const image: Expectation = { kind: 'image', expected: config, fn };
    const line = (): string => `OK ${Buffer.from(answer).toString('base64')}`;
    expect(compare([line()], [image], (id) => met.push(id))).toEqual([]);
    expect(met.sort()).toEqual(['secondary-latency-timer-writable', 'undeclared-bytes-are-memory']);
    answer[0x40] = 0x11;
    expect(compare([line()], [image])).toEqual(['0 root-port 00:01.0+40: model 0x10, QEMU 0x11']);
  });

  it('that refuse a command are an error', () => {
    expect(() => compare(['FAIL Unknown command'], [undefined])).toThrow('QEMU refuses command 0');
  });
});
