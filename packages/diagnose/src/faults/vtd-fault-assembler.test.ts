import { expect, it } from 'vitest';
import { diagnoseText } from '../diagnose-log.ts';

const read = (...lines: readonly string[]) => diagnoseText(lines.join('\n'), { file: 'log' });
const head = (bus: string, address: string) =>
  `dmar: DMAR:[DMA Read] Request device [${bus}:00.0] fault addr ${address} `;
const reason = (number: string, text: string) => `DMAR:[fault reason ${number}] ${text}`;

it('gives each reason to the message that it follows', () => {
  const { faults } = read(
    head('01', '1000'),
    head('02', '2000'),
    reason('06', 'PTE Read access is not set'),
    reason('02', 'Present bit in context entry is clear'),
  );
  expect(faults.first.map((fault) => [fault.requester?.bus, fault.reason])).toEqual([
    [1, 2],
    [2, 6],
  ]);
});

it('tells by the time which message a reason belongs to', () => {
  const { faults } = read(
    `[   70.000001] ${head('01', '1000')}`,
    `[   70.000002] ${head('02', '2000')}`,
    '[   70.000003] usb 1-1: reset by somebody with fault addr',
    `[   70.000001] ${reason('06', 'PTE Read access is not set')}`,
    `[   70.000002] ${reason('02', 'Present bit in context entry is clear')}`,
  );
  expect(faults.first.map((fault) => [fault.requester?.bus, fault.reason])).toEqual([
    [1, 6],
    [2, 2],
  ]);
});

it('leaves a reason alone where nobody can tell whose it is', () => {
  const { faults, notes } = read(
    head('01', '1000'),
    head('02', '2000'),
    'dmar: DRHD: handling fault status reg 2',
    reason('06', 'PTE Read access is not set'),
  );
  expect(faults.first.map((fault) => [fault.line, fault.requester?.bus, fault.reason])).toEqual([
    [1, 1, undefined],
    [2, 2, undefined],
    [4, undefined, 6],
  ]);
  expect(faults.first[2]?.damage).toContain('first-line-lost');
  expect(notes).toEqual([{ line: 4, message: expect.stringContaining('2 faults wait') }]);
});

it('takes lines in the wrong order', () => {
  const { faults } = read(reason('06', 'PTE Read access is not set'), head('01', '1000'), 'usb 1-1: reset');
  expect(faults.first).toEqual([
    expect.objectContaining({ line: 1, lastLine: 2, reason: 6, damage: ['reordered'] }),
  ]);
});

it('parts two messages that a console put on one line', () => {
  const { faults, events } = read(
    '[   70.000001] DMAR: DRHD: handling fault status reg 3[   70.000002] DMAR: [DMA Write] Request device [00:02.0] fault addr 2000 [fault reason 05] PTE Write access is not set',
  );
  expect(events).toMatchObject([{ kind: 'fault-status', seconds: 70.000001 }]);
  expect(faults.first).toMatchObject([{ line: 1, seconds: 70.000002, address: '2000', reason: 5 }]);
});

it('joins nothing that carries a stamp of its own', () => {
  const { faults } = read(
    '[   70.000001] DMAR: [DMA Read] Request device [05:00.0] PASID ffffffff fault addr ffe00000',
    '[   70.000002] [fault reason 06] PTE Read access is not set',
  );
  expect(faults.first).toEqual([
    expect.objectContaining({ address: 'ffe00000', damage: expect.arrayContaining(['reason-missing']) }),
  ]);
  expect(faults.first[0]?.reason).toBeUndefined();
});

it('takes an unrelated line for no part of a reason that was cut', () => {
  const { faults } = read(
    'DMAR: [INTR-REMAP] Request device [42:00.2] fault index 1600 [fault reason 37] Blocked',
    'usb 1-1: reset',
  );
  expect(faults.first).toMatchObject([{ reason: 0x25, index: 0x1600, damage: ['cut'] }]);
  expect(faults.first[0]?.lastLine).toBeUndefined();
});

it('lets text decide between decimal and hexadecimal', () => {
  const line = (number: string, text: string) =>
    `DMAR: [DMA Read] Request device [05:00.0] fault addr 1000 [fault reason ${number}] ${text}`;
  expect(read(line('12', 'non-zero reserved fields in PTE')).faults.first[0]?.reason).toBe(0x0c);
  expect(read(line('0c', 'non-zero reserved fields in PTE')).faults.first[0]?.reason).toBe(0x0c);
  expect(read(line('06', 'PTE Read acess is not set')).faults.first[0]).toMatchObject({
    reason: 6,
    damage: ['characters-lost'],
  });
});

it('reads faults of units that are not VT-d as what they are', () => {
  const { faults, events } = read(
    'nvme 0000:05:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x000a address=0xfffff000 flags=0x0020]',
    'AMD-Vi: Event logged [ILLEGAL_DEV_TABLE_ENTRY device=04:00.0 pasid=0x00000 address=0xfff0 flags=0x0080]',
    'AMD-Vi: Event logged [',
    'IO_PAGE_FAULT device=00:13.0 domain=0x0000 address=0x0 flags=0x0000]',
    'AMD-Vi: Event logged [IOTLB_INV_TIMEOUT device=04:00.0 address=0x1000]',
    'arm-smmu-v3 arm-smmu-v3.0.auto: event 0x10 received:',
    'arm-smmu-v3 arm-smmu-v3.0.auto: \t0x0000020000000010',
    'arm-smmu-v3 arm-smmu-v3.0.auto: \t0x0000020800000000',
    'arm-smmu-v3 arm-smmu-v3.0.auto: \t0x00000000fffe0000',
    'arm-smmu-v3 arm-smmu-v3.0.auto: \t0x0000000000000000',
  );
  expect(faults.first).toMatchObject([
    {
      architecture: 'amd-vi',
      requester: { bus: 5, device: 0, fn: 0 },
      address: 'fffff000',
      operation: 'write',
    },
    {
      architecture: 'amd-vi',
      requester: { bus: 4 },
      reasonText: expect.stringContaining('ILLEGAL_DEV_TABLE_ENTRY'),
    },
    { architecture: 'amd-vi', line: 3, lastLine: 4, requester: { bus: 0, device: 0x13 }, operation: 'read' },
    { architecture: 'smmu-v3', line: 6, lastLine: 10, address: 'fffe0000', operation: 'read' },
  ]);
  expect(faults.first[3]?.reasonText).toBe('F_TRANSLATION, StreamID 0x200');
  expect(events).toMatchObject([{ kind: 'hardware-malfunction', line: 5 }]);
});

it('takes the record and the words of an SMMU event for one', () => {
  const smmu = (text: string) => `arm-smmu-v3 arm-smmu-v3.0.auto: ${text}`;
  const { faults } = read(
    smmu('event 0x02 received:'),
    ...['0x0000090000000002', '0x0000000000000000', '0x0000000000000000', '0x0000000000000000'].map(smmu),
    smmu('event: C_BAD_STREAMID client: (unassigned sid) sid: 0x900 ssid: 0x0'),
    smmu('event 0x10 received:'),
    ...['0x00000180 00000010', '0x0000020100000000', '0x00000000ffffe040', '0x00000000ffffe000'].map(smmu),
    smmu('event: F_TRANSLATION client: 0000:01:00.0 sid: 0x180 ssid: 0x0 iova: 0xffffe040 ipa: 0x0'),
    smmu('unpriv data write s1 "Input address caused fault" stag: 0x0'),
  );
  expect(faults.first.map((fault) => [fault.line, fault.lastLine, fault.reasonText])).toEqual([
    [1, 6, 'C_BAD_STREAMID, StreamID 0x900'],
    [7, 13, 'F_TRANSLATION, StreamID 0x180'],
  ]);
  expect(faults.first[1]).toMatchObject({ requester: { bus: 1 }, address: 'ffffe040', operation: 'write' });
});

it('joins what a quoted-printable mail broke', () => {
  const { faults } = read(
    '> >>> DMAR: [DMA Write] Request device [00:02.0] PASID ffffffff fault ad=',
    'dr 7fa8a78000 [fault reason 05] PTE Write access is not set',
  );
  expect(faults.first).toMatchObject([{ address: '7fa8a78000', reason: 5, line: 1, lastLine: 2 }]);
});
