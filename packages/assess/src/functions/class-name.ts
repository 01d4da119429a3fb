/** Names of classes, by class and subclass or by class alone (PCI Code and ID Assignment Specification, chapter 1). */
const names: Readonly<Record<string, string>> = {
  '0100': 'SCSI',
  '0101': 'IDE',
  '0104': 'RAID',
  '0106': 'SATA',
  '0107': 'SAS',
  '0108': 'NVMe',
  '01': 'storage',
  '0200': 'Ethernet',
  '0207': 'InfiniBand',
  '0280': 'network',
  '02': 'network',
  '0300': 'VGA',
  '0302': '3D controller',
  '03': 'display',
  '0403': 'HD audio',
  '04': 'multimedia',
  '05': 'memory',
  '0600': 'host bridge',
  '0601': 'ISA bridge',
  '0604': 'PCI bridge',
  '06': 'bridge',
  '0700': 'serial port',
  '0780': 'communication',
  '07': 'communication',
  '0806': 'IOMMU',
  '08': 'system peripheral',
  '09': 'input',
  '0b': 'processor',
  '0c03': 'USB',
  '0c04': 'Fibre Channel',
  '0c05': 'SMBus',
  '0c07': 'IPMI',
  '0c': 'serial bus',
  '0d': 'wireless',
  '10': 'encryption',
  '11': 'signal processing',
  '12': 'accelerator',
};

const usb: Readonly<Record<number, string>> = { 0: 'UHCI', 16: 'OHCI', 32: 'EHCI', 48: 'xHCI', 64: 'USB4' };

/** What a class code of 24 bits says in a word or two. */
export function className(classCode: number): string {
  const digits = classCode.toString(16).padStart(6, '0');
  if (digits.startsWith('0c03')) return usb[classCode & 0xff] ?? 'USB';
  return names[digits.slice(0, 4)] ?? names[digits.slice(0, 2)] ?? `class ${digits}`;
}
