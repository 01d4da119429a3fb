import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type DumpPath, noHostFacts, resolveDumpPath } from '@quiesce/assess';
import { collectCapture } from '@quiesce/capture';
import { type ImportedCapture, importCapture } from '@quiesce/machine';
import { expect, it } from 'vitest';

const SATA = '0000:00:1f.2';
const CARD = '0000:01:00.0';
const uuid = '6a1e5c3e-2f77-4a9a-9b1e-0d6c5f6d2a10';
const label = 'DUMPS-OF-VEGA';
const config = (vendor: number, classCode: number): Uint8Array => {
  const bytes = new Uint8Array(256);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, vendor, true);
  view.setUint32(8, classCode * 256, true);
  return bytes;
};
const link = (to: string) => ({ link: to });

/** A server with a volume on an encrypted disk, and a bond of one card that is named for its address. */
const server: Readonly<Record<string, string | Uint8Array | { readonly link: string }>> = {
  [`sys/bus/pci/devices/${SATA}/config`]: config(0x8086, 0x010601),
  [`sys/bus/pci/devices/${CARD}/config`]: config(0x15b3, 0x020000),
  'proc/self/mountinfo':
    '27 1 253:0 / / rw - xfs /dev/mapper/vega7-root rw\n28 27 0:44 / /srv/nfs rw - nfs4 vault.ops.example.org:/x rw\n',
  'proc/sys/kernel/hostname': 'vega7\n',
  'etc/hosts': '10.20.30.50 vault.ops.example.org\n',
  'sys/class/block/sda': link(`../../devices/pci0000:00/${SATA}/ata1/host0/block/sda`),
  [`sys/devices/pci0000:00/${SATA}/ata1/host0/block/sda/dev`]: '8:0\n',
  'sys/class/block/dm-0': link('../../devices/virtual/block/dm-0'),
  'sys/devices/virtual/block/dm-0/dm/name': 'vega7-root\n',
  'sys/devices/virtual/block/dm-0/slaves/dm-1': link('../x'),
  'sys/class/block/dm-1': link('../../devices/virtual/block/dm-1'),
  'sys/devices/virtual/block/dm-1/dm/name': `luks-${uuid}\n`,
  'sys/devices/virtual/block/dm-1/slaves/sda': link('../x'),
  [`dev/disk/by-uuid/${uuid}`]: link('../../dm-0'),
  [`dev/disk/by-label/${label}`]: link('../../dm-0'),
  'dev/disk/by-id/ata-DISK_S4EVNX0M1': link('../../sda'),
  'sys/class/net/bond0': link('../../devices/virtual/net/bond0'),
  'sys/devices/virtual/net/bond0/lower_enx525400abcdef': link('../x'),
  'sys/class/net/enx525400abcdef': link(`../../devices/pci0000:00/${CARD}/net/enx525400abcdef`),
  [`sys/devices/pci0000:00/${CARD}/net/enx525400abcdef/operstate`]: 'up\n',
  'proc/net/route':
    'enx525400abcdef\t00000000\t011E140A\t0003\t0\t0\t0\t00000000\t0\t0\t0\nbond0\t001E140A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n',
};

function capturedWith(kdumpConf: string): { readonly text: string; readonly dumpPath: DumpPath } {
  const root = mkdtempSync(join(tmpdir(), 'quiesce-dump-path-'));
  try {
    const tree: typeof server = { ...server, 'etc/kdump.conf': `${kdumpConf}\n` };
    for (const [path, entry] of Object.entries(tree)) {
      const full = join(root, path);
      mkdirSync(dirname(full), { recursive: true });
      if (typeof entry === 'object' && !(entry instanceof Uint8Array)) symlinkSync(entry.link, full);
      else writeFileSync(full, entry);
    }
    const text = JSON.stringify(collectCapture({ root }));
    const { machine, host } = importCapture([{ path: 'capture.json', content: text }], { name: 'server' });
    if (machine === undefined) throw new Error('it has functions');
    return { text, dumpPath: resolveDumpPath(machine, host) };
  } finally {
    rmSync(root, { recursive: true });
  }
}

it.each([
  `xfs UUID=${uuid}`,
  `xfs LABEL=${label}`,
  `ext4 /dev/mapper/vega7-root`,
  `raw /dev/vega7/root`,
  `ext4 /dev/disk/by-id/ata-DISK_S4EVNX0M1`,
  'path /var/crash',
])('a redacted capture leads from %s to the function of the disk', (line) => {
  const { text, dumpPath } = capturedWith(line);
  expect(dumpPath).toMatchObject({ certainty: 'followed', over: 'disk', functions: [SATA], assumed: [] });
  expect([uuid, label, 'vega7', 'S4EVNX0M', 'enx5254'].filter((secret) => text.includes(secret))).toEqual([]);
});

it.each(['ssh kdump@vault.ops.example.org', 'nfs 10.20.30.50:/dumps', 'path /srv/nfs/dumps'])(
  'a redacted capture leads from %s to the function of the card',
  (line) => {
    const { text, dumpPath } = capturedWith(line);
    expect(dumpPath).toMatchObject({ over: 'network', functions: [CARD] });
    if (!line.startsWith('path'))
      expect(dumpPath).toMatchObject({ certainty: 'followed', layers: ['bond0'] });
    expect(['vault.ops', '10.20.30', '1E140A', 'enx5254'].filter((secret) => text.includes(secret))).toEqual(
      [],
    );
  },
);

it('the disk under the root of this machine is found, if it has one', (context) => {
  const text = JSON.stringify(collectCapture({ run: () => ({ failure: 'not run' }) }));
  const { machine, host }: ImportedCapture = importCapture([{ path: 'own.json', content: text }], {
    name: 'own',
  });
  const root = host.mounts?.find(({ point, configured }) => point === '/' && !configured)?.source.value ?? '';
  const device = `/sys/class/block/${root.slice('/dev/'.length)}`;
  if (machine === undefined || !root.startsWith('/dev/') || !existsSync(device)) {
    context.skip('its root is on no block device that /sys has by that name');
    return;
  }
  const dumpDestination = { value: '/', file: 'etc/kdump.conf', line: 1 };
  const { functions, certainty } = resolveDumpPath(machine, { ...noHostFacts(), ...host, dumpDestination });
  const folder = realpathSync(device).split('/');
  const nearest = folder.findLast((part) => /^[0-9a-f]{4,}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/.test(part));
  if (nearest === undefined)
    expect(functions.every((one) => machine.functions.some(({ name }) => name === one))).toBe(true);
  else expect({ functions, certainty }).toEqual({ functions: [nearest], certainty: 'followed' });
});
