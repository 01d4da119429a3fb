import { expect, it } from 'vitest';
import { deviceLines, deviceVerdict } from './device-lines.ts';

it('reads what /init said of each function', () => {
  const lines = deviceLines([
    'device 0000:01:00.0 driver=e1000e works=yes',
    'device 0000:00:1d.0 driver=uhci_hcd works=none',
    'device 0000:04:00.0 driver=none works=no',
    'device garbled',
  ]);
  expect([...lines]).toEqual([
    ['0000:01:00.0', { driver: 'e1000e', works: true }],
    ['0000:00:1d.0', { driver: 'uhci_hcd', works: null }],
    ['0000:04:00.0', { driver: null, works: false }],
  ]);
});

it.each([
  ['driven and tried', true, true, { driver: 'e1000e', works: true }, true, 'working'],
  ['driven, nothing to try', true, true, { driver: 'uhci_hcd', works: null }, true, 'working'],
  ['driven, and does nothing', true, true, { driver: 'e1000e', works: false }, true, 'failed'],
  ['its driver gave up', true, true, { driver: null, works: null }, true, 'failed'],
  ['nobody has a driver', false, true, { driver: null, works: null }, true, 'no-driver'],
  ['not enumerated', true, true, undefined, true, 'lost'],
  ['enumerated, and silent since', true, false, { driver: null, works: null }, true, 'lost'],
  ['the kernel never came to drivers', true, true, undefined, false, 'failed'],
] as const)('%s', (_what, expected, answers, line, came, verdict) => {
  expect(deviceVerdict(expected, answers, line, came)).toBe(verdict);
});
