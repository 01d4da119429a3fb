import { type FieldDeclaration, type RegisterLayout, registerLayout } from '@quiesce/simulation';

const specification = 'Serial ATA AHCI 1.3.1';

/** Generic host control. */
export const ahciHost: RegisterLayout<
  'CAP.NP' | 'CAP.NCS' | 'CAP.S64A' | 'GHC.HR' | 'GHC.IE' | 'GHC.AE' | 'IS.IPS' | 'PI.PI' | 'VS.VERSION'
> = registerLayout({
  name: 'AHCI generic host control',
  specification,
  size: 0x14,
  registers: [
    {
      name: 'CAP',
      offset: 0x00,
      width: 32,
      section: '3.1.1',
      fields: [
        { name: 'NP', high: 4, low: 0, access: 'RO', description: 'ports, less one' },
        { name: 'NCS', high: 12, low: 8, access: 'RO', reset: 31, description: 'command slots, less one' },
        { name: 'S64A', high: 31, low: 31, access: 'RO', reset: 1 },
      ],
    },
    {
      name: 'GHC',
      offset: 0x04,
      width: 32,
      section: '3.1.2',
      fields: [
        { name: 'HR', high: 0, low: 0, access: 'RW1S', description: 'HBA reset' },
        { name: 'IE', high: 1, low: 1, access: 'RW' },
        { name: 'AE', high: 31, low: 31, access: 'RO', reset: 1 },
      ],
    },
    {
      name: 'IS',
      offset: 0x08,
      width: 32,
      section: '3.1.3',
      fields: [{ name: 'IPS', high: 0, low: 0, access: 'RW1C' }],
    },
    {
      name: 'PI',
      offset: 0x0c,
      width: 32,
      section: '3.1.4',
      fields: [{ name: 'PI', high: 31, low: 0, access: 'RO', reset: 1 }],
    },
    {
      name: 'VS',
      offset: 0x10,
      width: 32,
      section: '3.1.5',
      fields: [{ name: 'VERSION', high: 31, low: 0, access: 'RO', reset: 0x0001_0300 }],
    },
  ],
});

const portInterrupts = (access: 'RW' | 'RW1C') =>
  [
    { name: 'DHR', high: 0, low: 0, access, description: 'device to host register FIS' },
    { name: 'HBF', high: 29, low: 29, access, description: 'host bus fatal error' },
  ] as const satisfies readonly FieldDeclaration[];

/** Offset of port 0. */
export const AHCI_PORT = 0x100;

/** A port's registers. */
export const ahciPort: RegisterLayout<
  | 'PxCLB.BASE'
  | 'PxCLBU.BASE'
  | 'PxFB.BASE'
  | 'PxFBU.BASE'
  | 'PxIS.DHR'
  | 'PxIS.HBF'
  | 'PxIE.DHR'
  | 'PxIE.HBF'
  | 'PxCMD.ST'
  | 'PxCMD.FRE'
  | 'PxCMD.FR'
  | 'PxCMD.CR'
  | 'PxTFD.STS'
  | 'PxSIG.SIG'
  | 'PxSSTS.DET'
  | 'PxSSTS.SPD'
  | 'PxSSTS.IPM'
  | 'PxSCTL.DET'
  | 'PxCI.CI'
> = registerLayout({
  name: 'AHCI port',
  specification,
  size: 0x40,
  registers: [
    {
      name: 'PxCLB',
      offset: 0x00,
      width: 32,
      section: '3.3.1',
      fields: [{ name: 'BASE', high: 31, low: 10, access: 'RW' }],
    },
    {
      name: 'PxCLBU',
      offset: 0x04,
      width: 32,
      section: '3.3.2',
      fields: [{ name: 'BASE', high: 31, low: 0, access: 'RW' }],
    },
    {
      name: 'PxFB',
      offset: 0x08,
      width: 32,
      section: '3.3.3',
      fields: [{ name: 'BASE', high: 31, low: 8, access: 'RW' }],
    },
    {
      name: 'PxFBU',
      offset: 0x0c,
      width: 32,
      section: '3.3.4',
      fields: [{ name: 'BASE', high: 31, low: 0, access: 'RW' }],
    },
    { name: 'PxIS', offset: 0x10, width: 32, section: '3.3.5', fields: portInterrupts('RW1C') },
    { name: 'PxIE', offset: 0x14, width: 32, section: '3.3.6', fields: portInterrupts('RW') },
    {
      name: 'PxCMD',
      offset: 0x18,
      width: 32,
      section: '3.3.7',
      fields: [
        { name: 'ST', high: 0, low: 0, access: 'RW', description: 'start' },
        { name: 'FRE', high: 4, low: 4, access: 'RW', description: 'FIS receive enable' },
        { name: 'FR', high: 14, low: 14, access: 'RO', description: 'FIS receive running' },
        { name: 'CR', high: 15, low: 15, access: 'RO', description: 'command list running' },
      ],
    },
    {
      name: 'PxTFD',
      offset: 0x20,
      width: 32,
      section: '3.3.8',
      fields: [{ name: 'STS', high: 7, low: 0, access: 'RO', reset: 0x7f }],
    },
    {
      name: 'PxSIG',
      offset: 0x24,
      width: 32,
      section: '3.3.9',
      fields: [{ name: 'SIG', high: 31, low: 0, access: 'RO', reset: 0xffff_ffff }],
    },
    {
      name: 'PxSSTS',
      offset: 0x28,
      width: 32,
      section: '3.3.10',
      fields: [
        { name: 'DET', high: 3, low: 0, access: 'RO' },
        { name: 'SPD', high: 7, low: 4, access: 'RO' },
        { name: 'IPM', high: 11, low: 8, access: 'RO' },
      ],
    },
    {
      name: 'PxSCTL',
      offset: 0x2c,
      width: 32,
      section: '3.3.11',
      fields: [{ name: 'DET', high: 3, low: 0, access: 'RW', description: '1 holds the link in COMRESET' }],
    },
    {
      name: 'PxCI',
      offset: 0x38,
      width: 32,
      section: '3.3.14',
      fields: [{ name: 'CI', high: 31, low: 0, access: 'RW1S', description: 'commands issued, by slot' }],
    },
  ],
});
