import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { diagnoseText } from '../diagnose-log.ts';
import key from './real-logs.key.json' with { type: 'json' };

const shared = fileURLToPath(new URL('../../../../../shared/', import.meta.url));

describe.skipIf(!existsSync(shared))('the first cause of real logs is what an expert would say first', () => {
  for (const folder of ['real-captures/logs', 'ground-truth'] as const) {
    const expected: Readonly<Record<string, string | null>> = key[folder];
    it.each(Object.entries(expected))(`${folder}/%s`, (file, cause) => {
      const { causes } = diagnoseText(readFileSync(`${shared}${folder}/${file}`), { file });
      const shown = causes.map((one) => `${one.fit} ${one.id}`);
      expect(causes[0]?.id ?? null, shown.join(', ')).toBe(cause);
      // A close second would leave the reader with two answers.
      if (causes.length > 1)
        expect((causes[0]?.fit ?? 0) - (causes[1]?.fit ?? 0), shown.join(', ')).toBeGreaterThan(0.03);
    });
  }

  it('and no log is left out', () => {
    const files = existsSync(shared) ? readdirSync(`${shared}real-captures/logs`) : [];
    expect(Object.keys(key['real-captures/logs']).sort()).toEqual(files.sort());
  });

  it.each(existsSync(shared) ? readdirSync(`${shared}real-captures/machines`) : [])(
    'the boot log of %s shows no trouble that has a likely cause',
    (machine) => {
      const file = `${shared}real-captures/machines/${machine}/dmesg.txt`;
      if (!existsSync(file)) return;
      const { causes } = diagnoseText(readFileSync(file), { file });
      for (const one of causes) expect(one.fit, one.id).toBeLessThan(0.3);
    },
  );
});
