import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { type CaptureBundle, filesOf, importCapture, parseCaptureBundle } from '@quiesce/machine';
import captureSchema from '@quiesce/machine/capture.schema.json' with { type: 'json' };
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { withTree } from '../testing/machine-tree.ts';
import { madeUpServer, secrets } from '../testing/made-up-server.ts';
import { collectCapture } from './collect-capture.ts';

const validate = new Ajv2020().compile(captureSchema);
const now = new Date('2026-11-21T10:00:00.500Z');

const text = ({ files }: CaptureBundle, path: string) => {
  const file = files.find((one) => one.path === path);
  return file !== undefined && 'text' in file ? file.text : undefined;
};
const reason = ({ unread }: CaptureBundle, path: string) => unread.find((one) => one.path === path)?.reason;

describe('a capture', () => {
  it('holds what stands on the machine, redacted, as its schema says', async () => {
    await withTree(madeUpServer(), (root) => {
      const bundle = collectCapture({ root, now, tool: 'a test', privileged: true });
      expect(validate(bundle), JSON.stringify(validate.errors)).toBe(true);
      expect(bundle).toMatchObject({
        schema: 'quiesce/capture/1',
        tool: 'a test',
        taken: '2026-11-21T10:00:00Z',
        privileged: true,
      });
      const json = JSON.stringify(bundle).toLowerCase();
      expect(secrets.filter((secret) => json.includes(secret.toLowerCase()))).toEqual([]);
      expect(bundle.redacted).toContain('device-serial-number: 1');
      expect(text(bundle, 'etc/default/grub')).toBe('GRUB_CMDLINE_LINUX="crashkernel=512M console=ttyS0"\n');
      expect(text(bundle, 'etc/modprobe.d/lab.conf')).toBe('blacklist nouveau\n');
      expect(text(bundle, 'sys/bus/pci/devices/0000:01:00.0/msi_irqs')).toBe('128\n31\n');
      expect(text(bundle, 'sys/class/iommu/dmar0/devices')).toBe('0000:01:00.0\n');
      expect(bundle.files.filter(({ path }) => /\/(vpd|rom|resource0)$/.test(path))).toEqual([]);
      expect(reason(bundle, 'sys/firmware/acpi/tables/IVRS')).toBe('there is no such file');
      expect(reason(bundle, 'sys/bus/pci/devices/not-a-function')).toBe('this is no name of a function');
    });
  });

  it('unredacted holds every byte', async () => {
    await withTree(madeUpServer(), (root) => {
      const bundle = collectCapture({ root, now, redact: false });
      expect(validate(bundle)).toBe(true);
      expect(bundle.redacted).toEqual([]);
      expect(text(bundle, 'proc/cmdline')).toBe(madeUpServer()['proc/cmdline']);
      const config = filesOf(bundle).find(({ path }) => path.endsWith('0000:01:00.0/config'));
      expect(
        Buffer.from(config?.content as Uint8Array)
          .subarray(0x100, 0x10c)
          .toString('hex'),
      ).toBe('030001143322 11feff34837c'.replace(' ', ''));
    });
  });

  it('of this machine is valid, and can be imported', (context) => {
    if (process.platform !== 'linux') context.skip('this is no Linux machine');
    const bundle = collectCapture();
    expect(validate(bundle), JSON.stringify(validate.errors)).toBe(true);
    const content = JSON.stringify(bundle);
    expect(parseCaptureBundle(content, { file: 'own.json' })).toEqual(bundle);
    expect(
      importCapture([{ path: 'own.json', content }], { name: 'own' }).host.kernelRelease?.value,
    ).not.toBe('');
  });

  it('not taken as root says what root would have got', async () => {
    const iomem = '00000000-00000000 : Reserved\n00000000-00000000 : System RAM\n';
    await withTree({ 'proc/iomem': iomem }, (root) => {
      expect(reason(collectCapture({ root, privileged: false }), 'proc/iomem')).toBe(
        'all addresses are 0: run as root',
      );
      expect(reason(collectCapture({ root, privileged: true }), 'proc/iomem')).toBe('all addresses are 0');
    });
  });

  it('is not held up, led out of the tree, or flooded', async () => {
    const tree = {
      'proc/version': { link: '/proc/version' },
      'etc/sysconfig/kdump': 'x'.repeat(2 * 1024 * 1024),
      'etc/os-release/not-a-file': '',
      'proc/cmdline': 'quiet\n',
    };
    await withTree(tree, (root) => {
      expect(spawnSync('mkfifo', [join(root, 'etc/kdump.conf')]).status).toBe(0);
      const bundle = collectCapture({ root });
      expect(reason(bundle, 'etc/kdump.conf')).toBe('it is no regular file');
      expect(reason(bundle, 'proc/version')).toBe('it leads out of the tree');
      expect(reason(bundle, 'etc/sysconfig/kdump')).toBe('it is larger than 1048576 bytes');
      expect(reason(bundle, 'etc/os-release')).toBe('it is no regular file');
      expect(bundle.files.map(({ path }) => path)).toEqual(['proc/cmdline']);
      const late = collectCapture({ root, timeLimitMs: -1 });
      expect(late.files).toEqual([]);
      expect(reason(late, 'proc/cmdline')).toBe('there was no time left');
    });
  });

  it('of a folder that is not there is refused', () => {
    expect(() => collectCapture({ root: 'missing-folder' })).toThrow(
      'missing-folder: there is no such folder',
    );
  });

  it('tells what it reads', async () => {
    const told: string[] = [];
    await withTree(madeUpServer(), (root) => collectCapture({ root, onProgress: (what) => told.push(what) }));
    expect(told).toEqual(expect.arrayContaining(['kernel and kdump', 'function 1 of 3', 'kernel log']));
  });
});
