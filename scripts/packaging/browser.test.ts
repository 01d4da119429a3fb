import { createContext, runInContext } from 'node:vm';
import { rolldown } from 'rolldown';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { publicPackages } from '../tidy/repository.ts';
import { Consumer } from './consumer.ts';

const lspci = [
  '00:00.0 Host bridge [0600]: Intel [8086:29c0]',
  '00: 86 80 c0 29 00 00 00 00 00 00 00 06 00 00 00 00',
];
const log = [
  '[    1.000000] DMAR: DRHD: handling fault status reg 2',
  '[    1.000001] DMAR: [DMA Write] Request device [04:00.0] fault addr fff69000 [fault reason 05] PTE Write access is not set',
];

/** What people use alone, and a program for a web page that shows that it works there. */
const alone: Readonly<Record<string, { readonly program: string; readonly prints: string }>> = {
  machine: {
    program: `
      import { importCapture } from '@quiesce/machine';
      const files = [{ path: 'lspci.txt', content: ${JSON.stringify(lspci.join('\n'))} }];
      show(importCapture(files, { name: 'page' }).machine.functions.map((one) => one.name).join());`,
    prints: '0000:00:00.0',
  },
  diagnose: {
    program: `
      import { diagnoseText } from '@quiesce/diagnose';
      const { faults } = diagnoseText(${JSON.stringify(log.join('\n'))}, { file: 'page' });
      show(faults.dma + ' ' + faults.first[0].reason);`,
    prints: '1 5',
  },
  report: {
    program: `
      import { htmlReport } from '@quiesce/report';
      const page = { title: 'a page', summary: 's', severity: 'note', facts: [], sections: [], footer: 'f' };
      show(htmlReport(page).slice(0, 15));`,
    prints: '<!doctype html>',
  },
};

/** A package and those of ours that it needs. */
function closureOf(folder: string): Set<string> {
  const names = new Set<string>();
  const add = (name: string): void => {
    if (names.has(name)) return;
    names.add(name);
    const found = publicPackages().find(({ manifest }) => manifest.name === name);
    for (const one of Object.keys(found?.manifest.dependencies ?? {})) add(one);
  };
  add(`@quiesce/${folder}`);
  return names;
}

describe.each(Object.entries(alone))('@quiesce/%s alone', (folder, { program, prints }) => {
  const user = new Consumer();
  afterAll(() => user.remove());

  it('installs without the rest, and runs where there is no Node', async () => {
    const needed = closureOf(folder);
    const packed = inject('packed').filter(({ name }) => needed.has(name));
    expect(packed.map(({ name }) => name).sort()).toEqual([...needed].sort());
    const installed = await user.install(packed);
    expect(installed.code, installed.stderr).toBe(0);
    const input = user.write('page.js', program);
    const bundle = await rolldown({ input, platform: 'browser', logLevel: 'silent' });
    const { output } = await bundle.generate({ format: 'iife' });
    expect(output).toHaveLength(1);
    const [{ code, imports }] = output;
    expect(imports).toEqual([]);
    const shown: unknown[] = [];
    // What a page has besides the language, and no more.
    const page = { TextDecoder, TextEncoder, show: (value: unknown) => shown.push(value) };
    runInContext(code, createContext(page));
    expect(shown).toEqual([prints]);
  });
});
