import fc from 'fast-check';
import { expect, it } from 'vitest';
import { stripLogCarrier } from './log-carrier.ts';

const SAID =
  'DMAR: [DMA Read] Request device [04:00.0] fault addr ca6d5000 [fault reason 06] PTE Read access is not set';

const carriers: readonly (readonly [string, object])[] = [
  ['', { quoted: 0 }],
  ['[    1.503892] ', { seconds: 1.503892 }],
  ['[10672.868940] ', { seconds: 10672.86894 }],
  ['[148794.896405] ', { seconds: 148794.896405 }],
  ['[   12.345678][  T812] ', { seconds: 12.345678, caller: 'T812' }],
  ['[   12.345678] [  C1] ', { seconds: 12.345678, caller: 'C1' }],
  ['<3>[    1.503892] ', { seconds: 1.503892, level: 3 }],
  ['<3>', { level: 3 }],
  ['kern  :err   : [    1.503892] ', { seconds: 1.503892, level: 3 }],
  ['[Fri May 22 09:34:59 2026] ', { stamp: 'Fri May 22 09:34:59 2026' }],
  ['[May22 09:34] ', { stamp: 'May22 09:34' }],
  ['[  +0,000014] ', { stamp: '+0,000014' }],
  ['May 22 09:35:09 kvmhost kernel: ', { host: 'kvmhost', tag: 'kernel', stamp: 'May 22 09:35:09' }],
  ['May  2 09:35:09.123456 kvmhost kernel: ', { host: 'kvmhost', stamp: 'May  2 09:35:09.123456' }],
  ['May 30 17:35:46 localhost kernel: [  278.999480] ', { host: 'localhost', seconds: 278.99948 }],
  ['aug 23 18:04:17 taz kernel: ', { host: 'taz', tag: 'kernel' }],
  ['2014-04-25T09:37:53.595431+01:00 kvmhost kernel:     8.490167] ', { host: 'kvmhost', seconds: 8.490167 }],
  ['2026-05-22T09:35:09+0200 kvmhost kernel: ', { host: 'kvmhost', stamp: '2026-05-22T09:35:09+0200' }],
  ['2026-05-22T09:35:09,123456+02:00 ', { stamp: '2026-05-22T09:35:09,123456+02:00' }],
  ['Fri 2026-05-22 09:34:59 CEST kvmhost kernel: ', { host: 'kvmhost', tag: 'kernel' }],
  ['[    0.938401] kvmhost kernel: ', { host: 'kvmhost', seconds: 0.938401 }],
  ['[    0.938401] kernel: ', { tag: 'kernel', seconds: 0.938401 }],
  ['[    3.938401 <    0.000012 >] kvmhost kernel: ', { host: 'kvmhost', seconds: 3.938401 }],
  ['1779435309.123456 kvmhost kernel: ', { host: 'kvmhost', stamp: '1779435309.123456' }],
  ['3,1234,5678901,-;', { level: 3, seconds: 5.678901 }],
  ['<3>1 2026-05-22T09:35:09.1Z kvmhost kernel - - - ', { host: 'kvmhost', tag: 'kernel', level: 3 }],
  ['(XEN) [   37.201160] ', { xen: true, seconds: 37.20116 }],
  ['(XEN) ', { xen: true }],
  ['  14812 [    0.231839] ', { seconds: 0.231839 }],
  ['09:34:59 [    1.503892] ', { seconds: 1.503892 }],
  ['[Fri May 22 09:34:59 CEST 2026] ', { stamp: 'Fri May 22 09:34:59 CEST 2026' }],
  ['[2026-05-22T09:34:59.123Z] [    1.503892] ', { seconds: 1.503892 }],
  ['2026-05-22T09:34:59.1234567Z [    1.503892] ', { seconds: 1.503892 }],
  ['2026-05-22T09:34:59.123456789Z stdout F [    1.503892] ', { seconds: 1.503892 }],
  ['2026-05-22T09:34:59.123456Z 00O [    1.503892] ', { seconds: 1.503892 }],
  ['2026-05-22T09:34:59.123456Z 01E+[    1.503892] ', { seconds: 1.503892 }],
  ['[pod/guest-0/console] [    1.503892] ', { seconds: 1.503892 }],
  ['guest-1  | [    1.503892] ', { seconds: 1.503892 }],
  ['6.4.0-rc3+,3,1234,5678901,-,caller=T12;', { level: 3, seconds: 5.678901 }],
  [
    'Fri 2026-05-22 09:34:59 CEST kvmhost user@1000.service[812]: ',
    { host: 'kvmhost', tag: 'user@1000.service' },
  ],
  ['May 22 09:35:09.123456 kvmhost systemd-fsck@dev-disk-by\\x2duuid-1.service[3]: ', { host: 'kvmhost' }],
];

it.each(carriers)('takes %j off', (carrier, expected) => {
  for (const quoting of ['', '> ', '>> ', ' > > ', '\t', '   ']) {
    const carried = stripLogCarrier(`${quoting}${carrier}${SAID}`);
    expect(carried.message).toBe(SAID);
    expect(carried.start).toBe(quoting.length + carrier.length);
    expect(carried.quoted).toBe(quoting.replaceAll(/[^>]/g, '').length);
    expect(carried).toMatchObject({ ...expected, quoted: carried.quoted });
  }
});

it('leaves words of a message alone that only look like a carrier', () => {
  const messages = [
    'usb 2-4: New USB device found',
    'mlx5_core 0000:42:00.1 eth4: Link down',
    '0000:01:00.0: something',
    '[leaked fb] framebuffer[118]:',
    '[Firmware Bug]: TPM interrupt not working',
    '[DMA Read] Request device',
    '[05:00.0] fault addr 0',
    'e1000e 0000:00:19.0: registered PHC clock',
  ];
  for (const message of messages) {
    expect(stripLogCarrier(message)).toEqual({ message, start: 0, quoted: 0, xen: false, indent: 0 });
    expect(stripLogCarrier(`[    1.503892] ${message}`).message).toBe(message);
  }
});

it('names a program that is not the kernel', () => {
  const carried = stripLogCarrier('May 22 09:35:09 kvmhost kdumpctl[812]: kdump: Starting kdump: [FAILED]');
  expect(carried).toMatchObject({
    tag: 'kdumpctl',
    host: 'kvmhost',
    message: 'kdump: Starting kdump: [FAILED]',
  });
});

it('tells a continuation line by its indentation', () => {
  expect(stripLogCarrier('               DMAR:[fault reason 01] x')).toMatchObject({
    indent: 15,
    message: 'DMAR:[fault reason 01] x',
  });
});

it('parts any line into carrier and message without throwing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (line) => {
      const carried = stripLogCarrier(line);
      expect(line.slice(carried.start)).toBe(carried.message);
    }),
  );
});
