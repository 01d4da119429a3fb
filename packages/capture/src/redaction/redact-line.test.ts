import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planted } from '../testing/planted-secrets.ts';
import { hostNamesOf, namesInHosts } from './host-names.ts';
import { Placeholders } from './placeholders.ts';
import { redactLine } from './redact-line.ts';

const redact = (line: string, names: readonly string[] = []) =>
  redactLine(line, new Placeholders(), hostNamesOf(names));

/** All bytes alike say nothing, and other rules' words may look like a secret of letters. */
const telling = ({ secret }: { secret: string }) => !/^[0-9]{1,3}$/.test(secret);

describe('a line', () => {
  it('keeps no secret that was planted in it', () => {
    fc.assert(
      fc.property(planted.filter(telling), ({ secret, line }) => {
        expect(redact(line).toLowerCase()).not.toContain(secret.toLowerCase());
      }),
      { numRuns: 600 },
    );
  });

  it('redacted twice is as redacted once', () => {
    const pieces = fc.array(
      fc.oneof(
        planted.map(({ line }) => line),
        fc.string({ maxLength: 6 }),
      ),
      { maxLength: 4 },
    );
    const line = fc
      .tuple(pieces, fc.constantFrom('', ' ', '-', ':', '@', '=', '/', '.', '<'))
      .map(([all, by]) => all.join(by));
    fc.assert(
      fc.property(line, (one) => {
        const once = redact(one, ['vega7.ops.example']);
        expect(redact(once, ['vega7.ops.example'])).toBe(once);
      }),
      { numRuns: 600 },
    );
  });

  it.each([
    'pci 0000:00:1f.2: [8086:2829] type 00 class 0x010601',
    '10000:e1:00.0 Non-Volatile memory controller [0108]',
    'f0: 00 11 22 33 44 55 66 77 88 99 aa bb cc dd ee ff',
    '100: 01 00 02 14 00 00 00 00',
    'DMAR: [DMA Write] Request device [03:00.0] PASID ffffffff fault addr bdf83000 [fault reason 06] PTE Read access is not set',
    'DMAR: [DMA Read NO_PASID] Request device [0x00:0x02.0] fault addr 0x70ad5000 [fault reason 0x07]',
    'Linux version 6.1.0-55-amd64 (gcc-12 (Debian 12.2.0-14) 12.2.0, GNU ld (GNU Binutils for Debian) 2.40)',
    'Linux version 3.10.0-1160.119.1.el7.x86_64',
    'Linux version 5.10.0-60.18.0.50.oe2203.x86_64',
    'mlx5_core 0000:01:00.0: firmware version: 14.32.10.10',
    'ixgbe: Intel(R) 10 Gigabit PCI Express Network Driver - version 5.1.0.1',
    'crashkernel=512M@16M memmap=4G@0x100000000 video=1920x1080M@60',
    'BIOS-e820: [mem 0x0000000000000000-0x000000000009fbff] usable',
    'serial8250: ttyS0 at I/O 0x3f8 (irq = 4, base_baud = 115200) is a 16550A',
    'Serial: 8250/16550 driver, 4 ports, IRQ sharing enabled',
    'usb 1-1: New USB device strings: Mfr=3, Product=2, SerialNumber=1',
    'ata1.00: ACPI cmd ef/10:06:00:00:00:00 (SET FEATURES) succeeded',
    'of: /soc/serial@fe300000 and pci@800000020000000',
    'ip=dhcp netmask 255.255.255.0 listening on 127.0.0.1 and 0.0.0.0 and ::1',
    'core_collector makedumpfile -l --message-level 7 -d 31',
    'blacklist i2c_i801 # a driver',
    'audit: initializing netlink subsys (disabled)',
    'Copyright(c) 1999-2016 Intel Corporation, 2026-11-21 10:20:30',
  ])('that says nothing of its owner stays: %s', (line) => {
    expect(redact(line)).toBe(line);
  });

  it('has one placeholder for one thing, however it is written', () => {
    const placeholders = new Placeholders();
    const lines = [
      'eth0: 52:54:00:ab:cd:ef',
      'enx525400abcdef: renamed',
      'mac 52-54-00-AB-CD-EF and 52:54:00:00:00:01',
    ].map((line) => redactLine(line, placeholders));
    expect(lines).toEqual([
      'eth0: <mac-address-1>',
      'enx<mac-address-1>: renamed',
      'mac <mac-address-1> and <mac-address-2>',
    ]);
    expect(placeholders.counts()).toContainEqual({ kind: 'mac-address', count: 4 });
  });

  it('of any length and kind takes no time to speak of', () => {
    for (const line of [
      'a'.repeat(300_000),
      'aa:'.repeat(100_000),
      'a@'.repeat(100_000),
      '1.'.repeat(100_000),
      '::'.repeat(100_000),
    ]) {
      expect(redact(line).length).toBeGreaterThan(0);
    }
  });
});

describe('names of a host', () => {
  it('are replaced as words, wherever they stand', () => {
    const names = ['vega7.ops.example', ...namesInHosts('127.0.0.1 localhost\n10.0.0.1 db01 # main\n')];
    expect(redact('VEGA7 vega71 vg_vega7-root ops.example db01: up', names)).toBe(
      '<host-name-2> vega71 vg_<host-name-2>-root <host-name-1> <host-name-3>: up',
    );
  });

  it('that are ordinary words are not looked for', () => {
    expect(
      hostNamesOf(['localhost.localdomain', 'debian', 'pci', 'x1', '42', 'host-name-1', 'a b', 'kernel-01']),
    ).toEqual([]);
    expect(hostNamesOf(['localhost.corp.example'])).toEqual(['localhost.corp.example', 'corp.example']);
  });

  it('are looked for as device mapper writes them, too', () => {
    expect(redact('vg_db--prod--7-root of db-prod-7', hostNamesOf(['db-prod-7']))).not.toContain('prod');
  });
});

it('the same device has the same placeholder in what names it and in its path', () => {
  const placeholders = new Placeholders();
  const lines = [
    'UUID=0A1B-2C3D /boot vfat',
    '/dev/disk/by-uuid/0A1B-2C3D ../../sda1',
    'PARTUUID="0a1b-2c3d"',
    'xfs LABEL=dumps',
    '/dev/disk/by-label/dumps',
    'raw /dev/disk/by-id/ata-x',
  ].map((line) => redactLine(line, placeholders));
  expect(lines).toEqual([
    'UUID=<uuid-1> /boot vfat',
    '/dev/disk/by-uuid/<uuid-1> ../../sda1',
    'PARTUUID="<uuid-1>"',
    'xfs LABEL=<label-1>',
    '/dev/disk/by-label/<label-1>',
    'raw /dev/disk/by-id/<disk-id-1>',
  ]);
});

const log = fileURLToPath(
  new URL('../../../../../shared/real-captures/machines/supermicro-7048gr/dmesg.txt', import.meta.url),
);

it('a real boot log keeps every line about remapping and PCI as it is', (context) => {
  if (!existsSync(log)) context.skip('the folder with captures beside the repository is absent');
  const lines = readFileSync(log, 'utf8').split('\n');
  const telling = lines.filter((line) => /DMAR|\bpci 0000|e820|PM: Registering nosave/.test(line));
  expect(telling.length).toBeGreaterThan(100);
  expect(telling.map((line) => redact(line))).toEqual(telling);
});
