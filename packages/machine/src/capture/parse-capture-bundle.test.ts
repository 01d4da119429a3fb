import { UserError } from '@quiesce/simulation';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import captureSchema from '../../schema/capture.schema.json' with { type: 'json' };
import type { CaptureBundle } from './capture-bundle.ts';
import { filesOf, parseCaptureBundle } from './parse-capture-bundle.ts';

const bundle: CaptureBundle = {
  schema: 'quiesce/capture/1',
  tool: 'quiesce 1.2.0',
  taken: '2026-11-21T14:00:00Z',
  privileged: true,
  redacted: ['mac-address'],
  files: [
    { path: 'proc/cmdline', text: 'ro quiet\n' },
    { path: 'sys/bus/pci/devices/0000:00:00.0/config', hex: '8680' },
    { path: 'sys/bus/pci/devices/0000:00:00.0/driver', link: '../../bus/pci/drivers/x' },
  ],
  unread: [{ path: 'proc/iomem', reason: 'permission denied' }],
};
const parse = (value: unknown): CaptureBundle =>
  parseCaptureBundle(JSON.stringify(value), { file: 'capture.json' });
const validate = new Ajv2020({ strict: true, strictRequired: false }).compile(captureSchema);

describe('parseCaptureBundle', () => {
  it('gives the bundle and its files', () => {
    expect(parse(bundle)).toEqual(bundle);
    expect(filesOf(parse(bundle))).toEqual([
      { path: 'proc/cmdline', content: 'ro quiet\n' },
      { path: 'sys/bus/pci/devices/0000:00:00.0/config', content: Uint8Array.of(0x86, 0x80) },
      { path: 'sys/bus/pci/devices/0000:00:00.0/driver', content: '', link: '../../bus/pci/drivers/x' },
    ]);
  });

  const wrong: readonly (readonly [string, unknown])[] = [
    ['another schema', { ...bundle, schema: 'quiesce/capture/2' }],
    ['a local time', { ...bundle, taken: '2026-11-21 14:00' }],
    ['no files', { ...bundle, files: undefined }],
    ['a file without content', { ...bundle, files: [{ path: 'x' }] }],
    ['two contents', { ...bundle, files: [{ path: 'x', text: '', hex: '' }] }],
    ['half a byte', { ...bundle, files: [{ path: 'x', hex: '123' }] }],
    ['digits that are none', { ...bundle, files: [{ path: 'x', hex: 'zz' }] }],
    ['an empty path', { ...bundle, files: [{ path: '', text: '' }] }],
    ['an unknown field', { ...bundle, hostname: 'x' }],
  ];

  it.each(wrong)('refuses %s', (_, value) => {
    expect(() => parse(value)).toThrow(UserError);
  });

  it('agrees with a validator of JSON Schema, but for half a byte', () => {
    expect(validate(bundle)).toBe(true);
    for (const [name, value] of wrong) {
      expect(validate(JSON.parse(JSON.stringify(value))), name).toBe(name === 'half a byte');
    }
  });

  it('throws nothing but UserError, whatever it is given', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.json().map((text) => text.slice(1)),
        ),
        (text) => {
          try {
            parseCaptureBundle(text, { file: 'x' });
          } catch (error) {
            expect(error).toBeInstanceOf(UserError);
          }
        },
      ),
    );
  });
});
