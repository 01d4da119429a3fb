import type { HostFacts, Machine, RemappingPlatform } from '@quiesce/machine';
import type { Evidence, Severity } from '@quiesce/report';
import { configBytes, rule, sourceOf } from '../functions/evidence.ts';
import { MachineView } from '../functions/machine-view.ts';

/** What remaps DMA on a machine, and what follows for an assessment of it. */
export interface PlatformFinding {
  readonly kind: RemappingPlatform;
  readonly severity: Severity;
  /** What applies to this machine, in a sentence or two. */
  readonly text: string;
  readonly evidence: readonly Evidence[];
}

const IOMMU_CLASS = 0x0806;
const AMD = 0x1022;

const texts: Readonly<Record<RemappingPlatform, string>> = {
  'intel-vt-d':
    'Intel VT-d remaps DMA: what tables the crash kernel finds, copies or rebuilds decides what leftover DMA does.',
  'amd-vi':
    'AMD-Vi remaps DMA by a device table: crash kernels rebuilt it before 4.14, copied it from then on, and adopt the old one since late 2025.',
  smmu: 'An Arm SMMU remaps DMA: crash kernels abort everything behind it and attach each device again.',
  power:
    'TCE tables of POWER remap DMA: the crash kernel resets each host bridge before it uses it, and marks old entries as in use. The x86 kernels of this laboratory say nothing of it.',
  none: "Nothing remaps DMA: leftover DMA goes on into the old kernel's own buffers, which the crash kernel leaves alone. It can change the dump while it is read, and its interrupts can be in the way; it faults nowhere.",
  unknown:
    'No source says whether anything remaps DMA. What is simulated is a machine without; add the ACPI tables (acpidump) or a boot log to be sure.',
};

/** Takes what the capture says; an AMD remapping unit among the functions counts where nothing else is said. */
export function platformFinding(machine: Machine | undefined, host: HostFacts): PlatformFinding {
  const stated = host.platform;
  const architecture = machine?.units[0]?.architecture;
  if (machine !== undefined && architecture !== undefined) {
    const kind = architecture === 'vt-d' ? 'intel-vt-d' : architecture === 'amd-vi' ? 'amd-vi' : 'smmu';
    const says = `${machine.units.length} remapping unit${machine.units.length === 1 ? '' : 's'}: ${machine.units
      .slice(0, 4)
      .map(({ name, registerBase }) => `${name} at 0x${registerBase.toString(16)}`)
      .join(', ')}`;
    return {
      kind,
      severity: 'note',
      text: texts[kind],
      evidence: [rule(machine.dmar === undefined ? 'machine' : 'DMAR', says)],
    };
  }
  if (stated.value === 'amd-vi') return withoutTable([{ source: sourceOf(stated), text: 'AMD-Vi' }]);
  const unit = machine === undefined ? undefined : amdUnit(machine);
  if (unit !== undefined && stated.value === 'unknown') return withoutTable([unit]);
  if (stated.value === 'intel-vt-d') {
    return {
      kind: 'intel-vt-d',
      severity: 'warning',
      text: `${texts['intel-vt-d']} Its DMAR table is not in the capture, so no unit is simulated: add acpidump, or /sys/firmware/acpi/tables/DMAR.`,
      evidence: [{ source: sourceOf(stated), text: 'Intel VT-d' }],
    };
  }
  return {
    kind: stated.value,
    severity: stated.value === 'unknown' ? 'warning' : 'note',
    text: texts[stated.value],
    evidence: stated.file === '' ? [] : [{ source: sourceOf(stated), text: stated.value }],
  };
}

function withoutTable(evidence: readonly Evidence[]): PlatformFinding {
  return {
    kind: 'amd-vi',
    severity: 'warning',
    text: `${texts['amd-vi']} No unit could be made of this capture, so DMA is simulated as if nothing remapped it: what the device table would do is not shown.`,
    evidence,
  };
}

function amdUnit(machine: Machine): Evidence | undefined {
  const unit = new MachineView(machine).functions.find(
    ({ config }) => config.classCode >>> 8 === IOMMU_CLASS && config.u16(0) === AMD,
  );
  return unit === undefined ? undefined : configBytes(unit, 0x08, 4, 'an AMD function of class 0806, IOMMU');
}
