import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CaptureBundle } from './capture-bundle.ts';
import { importCapture } from './import-capture.ts';
import type { ImportedCapture } from './imported-capture.ts';
import { salvageBundle } from './salvage-bundle.ts';

const config = (device: number) => `8680${device.toString(16).padStart(2, '0')}00`.padEnd(128, '0');
const bundle: CaptureBundle = {
  schema: 'quiesce/capture/1',
  tool: 'quiesce 1.2.0',
  taken: '2026-11-21T14:00:00Z',
  privileged: true,
  redacted: ['mac-address: 1'],
  files: [
    { path: 'proc/cmdline', text: 'ro quiet dyndbg="{\\"path\\": }"\n' },
    ...Array.from({ length: 8 }, (_, device) => ({
      path: `sys/bus/pci/devices/0000:00:0${device}.0/config`,
      hex: config(device),
    })),
    { path: 'sys/bus/pci/devices/0000:00:01.0/driver', link: '../../bus/pci/drivers/x' },
  ],
  unread: [{ path: 'proc/iomem', reason: 'permission denied: run as root' }],
};
/** As `quiesce capture` writes it, and as the script does. */
const pretty = JSON.stringify(bundle, undefined, 1);
const rows = JSON.stringify(bundle).replaceAll('{"path', '\n{"path');

const imported = (content: string): ImportedCapture =>
  importCapture([{ path: 'capture.json', content }], { name: 'x' });
const functionsOf = ({ machine }: ImportedCapture) => machine?.functions.length ?? 0;
const messages = ({ notes }: ImportedCapture) => notes.map(({ message }) => message);

describe.each([
  ['of quiesce capture', pretty],
  ['of the script', rows],
])('a capture %s', (_, text) => {
  it('that is cut gives what stands before the cut', () => {
    const whole = imported(text);
    expect(functionsOf(whole)).toBe(8);
    const cut = imported(text.slice(0, text.indexOf('0000:00:05.0') + 60));
    expect(functionsOf(cut)).toBe(5);
    expect(messages(cut)).toContainEqual(
      expect.stringMatching(/^CAPTURE_JSON: .*: 6 files of it are read one by one$/),
    );
    expect(cut.notes).toContainEqual({
      ...{ file: 'capture.json', line: expect.any(Number) as number },
      message: 'sys/bus/pci/devices/0000:00:05.0/config is damaged in the capture: it is not used',
    });
    expect(cut.host.commandLine?.value).toContain('ro quiet');
  });

  it('into which something was written loses that file, and says its line', () => {
    const at = text.indexOf('0000:00:03.0') + 50;
    const spliced = imported(`${text.slice(0, at)}\n[ 12.3] usb 1-1: "new"\n${text.slice(at)}`);
    expect(functionsOf(spliced)).toBe(7);
    const line = text.slice(0, text.lastIndexOf('{', at)).split('\n').length;
    expect(spliced.notes).toContainEqual(expect.objectContaining({ line, file: 'capture.json' }));
    expect(messages(spliced)).toContain('could not be read: permission denied: run as root');
  });

  it('whose long lines a mail program wrapped is read whole', () => {
    const wrapped = text.replace(/("hex": ?"[0-9a-f]{70})/g, '$1\n');
    expect(functionsOf(imported(wrapped))).toBe(8);
  });

  it('of which one file is not as the schema says gives the others', () => {
    expect(functionsOf(imported(text.replace(config(2), config(2).slice(1))))).toBe(7);
    expect(functionsOf(imported(text.replace(config(2), 'zz')))).toBe(7);
  });

  it('of another schema is not guessed at', () => {
    expect(functionsOf(imported(text.replace('capture/1', 'capture/2').slice(0, -5)))).toBe(0);
  });
});

it('whatever is cut out or put in, each function is there, or its loss is noted', () => {
  fc.assert(
    fc.property(fc.nat(pretty.length), fc.nat(80), fc.string({ maxLength: 40 }), (at, length, put) => {
      const damaged = pretty.slice(0, at) + put + pretty.slice(at + length);
      const salvaged = salvageBundle(damaged, 'capture.json');
      if (salvaged === undefined) return;
      const starts = damaged.match(/\{\s{0,16}"path"\s{0,4}:/g)?.length ?? 0;
      expect(salvaged.files.length + salvaged.unread.length + salvaged.notes.length).toBe(starts);
    }),
    { numRuns: 300 },
  );
});

it('takes no longer for text that means harm', () => {
  const head = '{"schema": "quiesce/capture/1", "files": [';
  expect(salvageBundle(head + '{"path": '.repeat(300_000), 'x')).toBeUndefined();
  expect(salvageBundle(`${head}{"path": "${'}'.repeat(1_000_000)}`, 'x')).toBeUndefined();
  expect(salvageBundle(`${head}{"path": "${'\n'.repeat(1_000_000)}`, 'x')).toBeUndefined();
});
