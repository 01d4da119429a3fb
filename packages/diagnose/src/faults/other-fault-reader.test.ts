import { expect, it } from 'vitest';
import { diagnoseText } from '../diagnose-log.ts';
import type { LoggedFault } from '../diagnosis.ts';

const faultsIn = (...lines: readonly string[]): readonly LoggedFault[] =>
  diagnoseText(lines.map((line, at) => `[   19.0${at}0000] ${line}`).join('\n'), { file: 'log' }).faults
    .first;

/** Line shapes of the drivers named; devices and addresses are made up, or of public mails. */
const wholeLines: readonly (readonly [string, Partial<LoggedFault>])[] = [
  [
    'arm-smmu 5000000.iommu: Unhandled context fault: iova=0xbbfff800, fsynr=0x3e0021, cb=9',
    { architecture: 'smmu-v2', address: 'bbfff800', operation: 'read', reasonText: 'context fault' },
  ],
  [
    'arm-smmu 5000000.iommu: Unhandled context fault: fsr=0x402, iova=0xbbfff800, fsynr=0x3e0011, cb=9',
    { address: 'bbfff800', operation: 'write', reasonText: 'no page (translation fault)' },
  ],
  [
    'arm-smmu 5000000.iommu: Unhandled context fault: fsr=0x402, iova=0xbbfff800, fsynr=0x3e0021, cbfrsynra=0x828, cb=9',
    { stream: 0x828, reasonText: 'no page (translation fault), StreamID 0x828' },
  ],
  [
    'qcom-iommu-ctx 1e20000.iommu-ctx: Unhandled context fault: fsr=0x8, iova=0x00000000fffff000, fsynr=0x10, cb=1',
    { address: 'fffff000', operation: 'write', reasonText: 'permission fault' },
  ],
  [
    'arm-smmu 15000000.iommu: Blocked unknown Stream ID 0x43; boot with "arm-smmu.disable_bypass=0" to allow, but this may have security implications',
    { architecture: 'smmu-v2', stream: 0x43 },
  ],
  [
    'apple-dart 681008000.iommu: translation fault: status:0x80000101 stream:1 code:0x1 (NO PTE FOR IOVA) at 0xf0001000',
    { architecture: 'apple-dart', stream: 1, address: 'f0001000', reasonText: 'no pte for iova, stream 1' },
  ],
  [
    'mtk-iommu 10205000.iommu: fault type=0x5 iova=0xfe800000 pa=0x0 larb=0 port=3 layer=1 write',
    {
      architecture: 'mediatek-iommu',
      address: 'fe800000',
      operation: 'write',
      reasonText: 'fault type 0x5, larb=0 port=3',
    },
  ],
  [
    'mtk-iommu 14016000.iommu: fault type=0x280 iova=0x1fe800000 pa=0x0 master=0x10c(larb=4 port=3) layer=0 read',
    { operation: 'read', address: '1fe800000' },
  ],
  [
    'mtk-iommu 10205000.mmsys_iommu: fault type=0x8 iova=0x80001000 pa=0x0 larb=1 port=2',
    { address: '80001000' },
  ],
  [
    'rk_iommu ff903f00.iommu: Page fault at 0x00000000fd3c0000 of type write',
    { architecture: 'rockchip-iommu', address: 'fd3c0000', operation: 'write' },
  ],
  [
    'virtio_iommu virtio1: page fault from EP 8 at 0xfffff000 [W]',
    { architecture: 'virtio-iommu', stream: 8, address: 'fffff000', operation: 'write' },
  ],
  ['virtio_iommu virtio1: domain fault from EP 256', { stream: 256, reasonText: 'no domain, endpoint 256' }],
  [
    'riscv,iommu 3010000.iommu: Fault 15 devid: 0x108 iotval: fffff000 iotval2: 0',
    { architecture: 'riscv-iommu', stream: 0x108, address: 'fffff000', operation: 'write' },
  ],
];

it.each(wholeLines)('reads %s', (line, expected) => {
  const found = faultsIn(line);
  expect(found).toHaveLength(1);
  expect(found[0]).toMatchObject({ kind: 'dma', line: 1, damage: [], ...expected });
  expect(found[0]?.requester).toBeUndefined();
});

it('takes the lines of a global fault of an SMMU for one', () => {
  const unit = 'arm-smmu 15000000.iommu:';
  const found = faultsIn(
    `${unit} Unexpected global fault, this could be serious`,
    `${unit} \tGFSR 0x00000002, GFSYNR0 0x00000002, GFSYNR1 0x00000043, GFSYNR2 0x00000000`,
    `${unit} Unexpected global fault, this could be serious`,
    `${unit} \tGFSR 0x00000004, GFSYNR0 0x00000000, GFSYNR1 0x000004c3, GFSYNR2 0x00000000`,
  );
  expect(found.map((one) => [one.line, one.lastLine, one.stream, one.operation, one.reasonText])).toEqual([
    [1, 2, 0x43, 'write', 'the unit knows no such stream, StreamID 0x43'],
    [3, 4, 0x4c3, 'read', 'several stream match registers fit (conflict), StreamID 0x4c3'],
  ]);
});

it('takes the registers behind a context fault for a part of it, and alone for one of their own', () => {
  const unit = 'arm-smmu 3da0000.iommu:';
  const registers = [
    `${unit} FSR    = 00000402 [Format=2 TF], SID=0x800`,
    `${unit} FSYNR0 = 00000011 [S1CBNDX=0 WNR PLVL=1]`,
  ];
  const whole = faultsIn(
    `${unit} Unhandled context fault: fsr=0x402, iova=0xfffe0000, fsynr=0x11, cbfrsynra=0x800, cb=0`,
    ...registers,
  );
  expect(whole).toMatchObject([
    { line: 1, lastLine: 3, address: 'fffe0000', stream: 0x800, operation: 'write' },
  ]);
  expect(faultsIn(...registers, ...registers)).toMatchObject([
    { line: 1, lastLine: 2, stream: 0x800 },
    { line: 3, lastLine: 4, operation: 'write' },
  ]);
});

it('knows an SMMU of which Xen speaks', () => {
  const log = `(XEN) smmu: /iommu@7fb30000: Unexpected global fault, this could be serious
(XEN) smmu: /iommu@7fb30000: \tGFSR 0x00000004, GFSYNR0 0x00000006, GFSYNR1 0x00000000, GFSYNR2 0x00000000
(XEN) AMD-Vi: IO_PAGE_FAULT: 0000:00:14.0 d0 addr 000000fdf8010140 flags 0x8 I`;
  expect(diagnoseText(log, { file: 'xen' }).faults.first).toMatchObject([
    { architecture: 'smmu-v2', lastLine: 2, operation: 'write' },
    {
      architecture: 'amd-vi',
      kind: 'interrupt',
      shape: 'xen',
      requester: { segment: 0, bus: 0, device: 0x14, fn: 0 },
      address: 'fdf8010140',
    },
  ]);
});

it('takes source code and prose about them for none', () => {
  const { faults, verdict } = diagnoseText(
    `dev_err(dev, "translation fault: status:0x%x stream:%d code:0x%x (%s) at 0x%llx",
We saw "Unhandled context fault: fsr=0x402, iova=0x0" and a Page fault at 0x10 of type write there.
Call trace: Fault 15 devid: 0x1 iotval: 0 iotval2: 0
+  "page fault from EP 8 at 0xfffff000 [W]"`,
    { file: 'mail' },
  );
  expect([faults.dma, verdict]).toEqual([0, 'no-kernel-log']);
});
