import { preset } from '@quiesce/machine';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { functionFindings } from './function-findings.ts';

const machine = preset('q35-lab');

it('says something of any bytes in any config space, under any table', () => {
  const hex = fc.uint8Array({ minLength: 64, maxLength: 320 });
  const changes = fc.array(
    fc.record({
      index: fc.nat(machine.functions.length - 1),
      at: fc.nat(300),
      bytes: hex,
      length: fc.nat(64),
    }),
    { minLength: 1, maxLength: 6 },
  );
  fc.assert(
    fc.property(changes, fc.nat(400), fc.nat(255), (list, offset, value) => {
      const functions = machine.functions.map((one) => ({ ...one, config: [...one.config] }));
      for (const { index, at, bytes, length } of list) {
        const { config } = functions[index] as (typeof functions)[number];
        const digits = Buffer.from(bytes.subarray(0, length)).toString('hex');
        for (let i = 0; i < digits.length && at * 2 + i < config.length; i++) {
          config[at * 2 + i] = digits[i] as string;
        }
      }
      const dmar = [...(machine.dmar ?? '')];
      const digits = value.toString(16).padStart(2, '0');
      if (offset * 2 + 1 < dmar.length) dmar.splice(offset * 2, 2, ...digits);
      const findings = functionFindings({
        ...machine,
        dmar: dmar.join(''),
        functions: functions.map((one) => ({ ...one, config: one.config.join('') })),
      });
      expect(findings).toHaveLength(machine.functions.length);
      for (const { statements, path } of findings) {
        expect(path.length).toBeLessThan(256);
        for (const { evidence } of statements) expect(evidence.length).toBeGreaterThan(0);
      }
    }),
    { numRuns: 60 },
  );
});
