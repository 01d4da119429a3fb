import { expect, it } from 'vitest';
import { importCapture } from '../capture/import-capture.ts';
import { versionOfBanner } from './banner-version.ts';

const debian =
  'Linux version 6.1.0-18-amd64 (builder@example.org) (gcc-12 (Debian 12.2.0-14) 12.2.0) #1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01)';

it.each([
  [debian, '6.1.76'],
  [
    'Linux host 6.1.0-18-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01) x86_64 GNU/Linux',
    '6.1.76',
  ],
  [
    'Linux version 5.15.0-91-generic (b@x) (gcc (Ubuntu 11.4.0-1ubuntu1~22.04) 11.4.0) #101-Ubuntu SMP Tue Nov 14 2023 (Ubuntu 5.15.0-91.101-generic 5.15.131)',
    '5.15.131',
  ],
  ['Linux version 6.1.192 (b@x) (gcc (Debian 12.2.0-14) 12.2.0) #1 SMP', undefined],
  ['Linux version 6.1.192 (b@x) (gcc (Debian 12.2.0-14) 12.2.0)', undefined],
])('%s', (banner, version) => {
  expect(versionOfBanner(banner)).toBe(version);
});

it('is a fact of a capture, for the release that the capture has', () => {
  const lspci = '00:00.0 Host bridge [0600]: Intel Corporation Device [8086:29c0]';
  const hostOf = (...files: { path: string; content: string }[]) =>
    importCapture([{ path: 'lspci.txt', content: lspci }, ...files], { name: 'mine' }).host;
  expect(hostOf({ path: 'proc/version', content: debian }).kernelVersion?.value).toBe('6.1.76');
  const log = { path: 'dmesg', content: `[    0.000000] ${debian}\n[    0.1] DMAR: Host address width 39\n` };
  expect(hostOf(log).kernelVersion).toMatchObject({ value: '6.1.76', file: 'dmesg', line: 1 });
  const other = hostOf({ path: 'proc/sys/kernel/osrelease', content: '6.1.0-20-amd64\n' }, log);
  expect(other.kernelRelease?.value).toBe('6.1.0-20-amd64');
  expect(other.kernelVersion).toBeUndefined();
});
