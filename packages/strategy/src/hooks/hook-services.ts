import { type InitcallLevel, initcallLevels } from '../phases.ts';
import { type HookName, hookNames } from './hook-name.ts';

/** Everything that some context offers beyond what every hook is given. */
export const serviceNames = [
  'type1',
  'mmconfig',
  'bootmem',
  'pages',
  'memory',
  'devices',
  'device',
  'units',
  'unit',
  'reservedRegions',
  'kernel',
  'firmware',
  'requesterId',
  'address',
  'write',
  'reason',
  'rootPort',
  'sourceId',
  'severity',
  'schedule',
] as const;

/** A property of a context that not every hook has. */
export type ServiceName = (typeof serviceNames)[number];

/** What every hook is given. */
export const commonServices = ['phase', 'options', 'commandLine', 'log', 'delay'] as const;

const everyInitcall: readonly ServiceName[] = ['type1', 'pages', 'memory', 'firmware'];
const archInitcall: readonly ServiceName[] = [...everyInitcall, 'mmconfig'];
const laterInitcall: readonly ServiceName[] = [...archInitcall, 'devices'];

const ofMethods: Partial<Record<HookName, readonly ServiceName[]>> = {
  crash: ['type1', 'mmconfig', 'devices', 'units'],
  iommuCrashShutdown: ['type1', 'mmconfig', 'devices', 'units', 'kernel'],
  setupArch: ['type1', 'bootmem', 'firmware'],
  irqRemapInit: ['type1', 'pages', 'memory', 'units', 'reservedRegions', 'kernel'],
  iommuInit: ['type1', 'mmconfig', 'devices', 'pages', 'memory', 'units', 'reservedRegions', 'kernel'],
  deviceAttach: ['device', 'devices', 'mmconfig', 'pages', 'memory', 'units'],
  iommuFault: [
    'unit',
    'requesterId',
    'address',
    'write',
    'reason',
    'device',
    'devices',
    'mmconfig',
    'schedule',
  ],
  aerError: ['rootPort', 'sourceId', 'severity', 'device', 'devices', 'mmconfig', 'schedule'],
};

function ofInitcall(level: InitcallLevel): readonly ServiceName[] {
  const rank = initcallLevels.indexOf(level);
  if (rank < initcallLevels.indexOf('arch')) return everyInitcall;
  return level === 'arch' ? archInitcall : laterInitcall;
}

/** The services of each hook: the run-time side of the context types. */
export const hookServices: Readonly<Record<HookName, readonly ServiceName[]>> = Object.fromEntries(
  hookNames.map((hook) => [
    hook,
    ofMethods[hook] ?? ofInitcall(hook.slice('initcall:'.length) as InitcallLevel),
  ]),
) as Record<HookName, readonly ServiceName[]>;

/** Why a service is not there yet, or where it is. */
export const serviceHints: Readonly<Partial<Record<ServiceName, string>>> = {
  type1: 'type 1 accesses belong to the crash path and to boot',
  mmconfig: 'MMCONFIG is set up by pci_arch_init, an arch initcall',
  bootmem: 'memblock belongs to setup_arch; later there is `pages`',
  pages: 'the page allocator starts after setup_arch; in setup_arch there is `bootmem`, in a crash nothing',
  memory: 'owned memory comes with `pages`, after setup_arch',
  devices: 'PCI enumeration runs in acpi_init, a subsys initcall',
  device: 'a single device is given to deviceAttach, iommuFault and aerError',
  units: 'remapping units are given to crash, irqRemapInit, iommuInit and deviceAttach',
  kernel: "the kernel's own remapping driver is given to iommuCrashShutdown, irqRemapInit and iommuInit",
  schedule: 'work is put off by iommuFault and aerError, which must not wait; elsewhere there is `delay`',
  firmware: 'firmware is asked in setup_arch and in initcalls',
};
