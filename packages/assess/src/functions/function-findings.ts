import { type HostFacts, knownAs, type Machine, whyKnown } from '@quiesce/machine';
import { CapabilityId } from '@quiesce/pcie-model';
import { compareSeverity, type Evidence, type Severity } from '@quiesce/report';
import { className } from './class-name.ts';
import { CollateralOfBridges, isBootDisplay, roleOf } from './collateral.ts';
import { type Coverage, UnitCoverage } from './coverage.ts';
import { configBytes, rule, type Statement } from './evidence.ts';
import { type InterruptKind, interruptKind } from './interrupt-kind.ts';
import { isDisplay, MachineView, type ViewedFunction } from './machine-view.ts';
import { requesterIdsOf } from './requester-ids.ts';
import { type ResetWay, resetWays } from './reset-ways.ts';
import { shortLabel } from './short-label.ts';
import { handOff, isHandedOff } from './usb-hand-off.ts';

/** What one function would do after a crash, as far as its bytes and the tables say it. */
export interface FunctionFinding {
  readonly name: string;
  /** `Intel 82574L`, if the capture names it. */
  readonly label?: string;
  /** `8086:10d3` */
  readonly id: string;
  /** `Ethernet`, `NVMe`, `PCI bridge`. */
  readonly className: string;
  readonly isBridge: boolean;
  readonly poweredOff: boolean;
  /** Driver of the first kernel, if the capture names it. */
  readonly driver?: string;
  readonly driven: { readonly firstKernel: boolean; readonly crashKernel: boolean };
  /** Bus Master Enable as captured; where no source has it, it has a driver. */
  readonly masters: boolean;
  /** The model has an engine for it; false for masters whose DMA is not simulated. */
  readonly simulated: boolean;
  /** The crash kernel halts it before any driver, and before its remapping units are set up: a USB controller. */
  readonly handedOff: boolean;
  /** IDs under which its requests arrive, its own first. */
  readonly requesterIds: readonly string[];
  /** Bridges above it, the root port first. */
  readonly path: readonly string[];
  readonly coverage: Coverage;
  readonly interrupt: InterruptKind;
  /** `dump target`, `the dump goes through it`, `boot display`, `board management (…)`, `display`, `used by firmware`. */
  readonly role?: string;
  readonly resets: readonly ResetWay[];
  readonly statements: readonly Statement[];
  /** The worst of its statements. */
  readonly severity: Severity;
}

/** What a capture says of the system beside the machine: nothing, unless given. */
export type HostDrivers = Pick<HostFacts, 'drivers'>;

/**
 * Reads every function of a machine: what it would do after a crash, which unit has it, and what a reset of it would cost.
 * Nothing is simulated here.
 * @param dumpThrough functions beside the dump target that the dump goes through
 */
export function functionFindings(
  machine: Machine,
  host: HostDrivers = { drivers: {} },
  dumpThrough: readonly string[] = [],
): FunctionFinding[] {
  const view = new MachineView(machine);
  for (const name of dumpThrough) view.dumpThrough.add(name);
  const coverage = new UnitCoverage(view);
  for (const one of view.functions) {
    if (coverage.reservedFor(one).length > 0) view.firmwareDriven.add(one.name);
  }
  const bridges = new CollateralOfBridges(view);
  return view.functions.map((one) => findingOf(view, coverage, bridges, one, host));
}

function findingOf(
  view: MachineView,
  units: UnitCoverage,
  bridges: CollateralOfBridges,
  one: ViewedFunction,
  host: HostDrivers,
): FunctionFinding {
  const { config, described } = one;
  const poweredOff = config.isAbsent;
  const masters = !poweredOff && !isChipset(one) && mastersBus(one);
  const coverage = units.of(one);
  const { all: requesterIds, statements: aliases } = requesterIdsOf(view, one);
  const { kind: interrupt, statement: interrupts } = interruptKind(one);
  const resets = resetWays(view, bridges, one);
  const role = roleOf(view, one)?.what;
  const driver = host.drivers[one.name]?.value;
  const ats = units.translationService(one);
  const simulated = described.endpoint.kind !== 'idle';
  const statements: Statement[] = poweredOff
    ? [off(one)]
    : [
        ...(isChipset(one)
          ? []
          : [mastering(one, masters, simulated, coverage, view.machine.units.length > 0)]),
        ...units.reservedFor(one),
        ...(ats === undefined ? [] : [ats]),
        ...(interrupts === undefined || config.isBridge ? [] : [interrupts]),
        ...aliases,
        ...(masters ? reachOf(one, resets) : []),
        ...roles(view, one),
      ];
  return {
    name: one.name,
    ...(described.label === undefined ? {} : { label: shortLabel(described.label) }),
    id: `${hex4(config.u16(0))}:${hex4(config.u16(2))}`,
    className: poweredOff ? 'powered off' : className(config.classCode),
    isBridge: config.isBridge,
    poweredOff,
    ...(driver === undefined ? {} : { driver }),
    driven: { firstKernel: described.driver.first, crashKernel: described.driver.second },
    masters,
    simulated,
    handedOff: isHandedOff(one),
    requesterIds,
    path: view
      .pathOf(one)
      .map(({ name }) => name)
      .reverse(),
    coverage,
    interrupt,
    ...(role === undefined ? {} : { role }),
    resets,
    statements,
    severity: worst(statements.map(({ severity }) => severity)),
  };
}

/** Bus Master Enable; where no source has it, a function with a driver and an engine is taken to master the bus. */
function mastersBus(one: ViewedFunction): boolean {
  if (one.origin(0x04) !== 'unknown') return (one.config.u16(0x04) & 4) !== 0;
  return one.described.driver.first;
}

function off(one: ViewedFunction): Statement {
  return {
    topic: 'power',
    severity: 'note',
    text: 'It was powered off, or gone, when it was captured: it does nothing, and nothing can be said of it.',
    evidence: [configBytes(one, 0, 4, 'every byte of the header reads ff')],
  };
}

function mastering(
  one: ViewedFunction,
  masters: boolean,
  simulated: boolean,
  coverage: Coverage,
  hasUnits: boolean,
): Statement {
  const isKnown = one.origin(0x04) !== 'unknown';
  const evidence = isKnown
    ? [configBytes(one, 0x04, 2, `Bus Master Enable (bit 2) is ${masters ? 'set' : 'clear'}`)]
    : [
        {
          source: `config ${one.name} +0x04`,
          text: `no source has its command register; it has ${masters ? 'a driver' : 'no driver'}`,
        },
      ];
  if (!masters) {
    return { topic: 'bus-master', severity: 'good', text: 'It does not master the bus.', evidence };
  }
  const crash = rule('arch/x86/kernel/crash.c', 'the crash path clears Bus Master Enable of no device');
  const behind = coverage.unit === undefined ? 'no remapping unit' : coverage.unit;
  const uncovered = coverage.unit === undefined && hasUnits;
  const how = simulated ? '' : ' The model has no engine of its kind: what it sends is not simulated.';
  const handedOff = isHandedOff(one);
  const until = handedOff
    ? "the crash kernel's USB hand-off, a driver, or a reset,"
    : 'a driver, or a reset,';
  return {
    topic: 'bus-master',
    severity: uncovered ? 'warning' : 'note',
    text: `It ${isKnown ? 'masters' : 'is taken to master'} the bus behind ${behind}, and goes on doing so after a crash until ${until} stops it.${how}`,
    evidence: [...evidence, ...coverage.evidence, crash, ...(handedOff ? [handOff] : [])],
  };
}

/** Whether a reset from outside can stop it, and what that would cost. */
function reachOf(one: ViewedFunction, resets: readonly ResetWay[]): Statement[] {
  if (resets.length === 0) {
    return [
      {
        topic: 'reset',
        severity: 'note',
        text: isHandedOff(one)
          ? "No reset from outside reaches it: only the crash kernel's USB hand-off, or its own driver, can stop it."
          : 'No reset from outside reaches it: only its own driver can stop it.',
        evidence: [
          rule(
            'PCIe 6.6.1',
            'integrated into the root complex: there is no bridge above it whose bus could be reset',
          ),
          withoutFunctionLevelReset(one),
        ],
      },
    ];
  }
  const exact = resets.find(({ kind }) => kind === 'function-level');
  const hot = resets.find(({ kind }) => kind === 'hot-reset');
  const costs = (hot?.collateral ?? []).filter(({ severity }) => severity !== 'note');
  if (exact !== undefined || hot === undefined || costs.length === 0) return [];
  const named = costs.slice(0, 3).map(({ name, what }) => `${name} (${what})`);
  const more = costs.length > named.length ? ` and ${costs.length - named.length} more` : '';
  return [
    {
      topic: 'reset',
      severity: 'warning',
      text: `A hot reset by ${hot.via} stops it, and takes ${named.join(', ')}${more} with it.`,
      evidence: hot.evidence,
    },
  ];
}

function withoutFunctionLevelReset(one: ViewedFunction): Evidence {
  const express = one.config.capability(CapabilityId.express);
  return express === 0
    ? configBytes(one, 0x34, 1, 'no capability in this list offers a function level reset')
    : configBytes(one, express + 4, 4, 'Function Level Reset Capability (bit 28) is clear');
}

/** Bridges, interrupt controllers, remapping units: Bus Master Enable is often hard-wired there, and no DMA of their own follows. */
function isChipset({ config }: ViewedFunction): boolean {
  const subClass = config.classCode >>> 8;
  return (
    config.isBridge ||
    subClass === 0x0600 ||
    subClass === 0x0601 ||
    subClass === 0x0800 ||
    subClass === 0x0806
  );
}

function roles(view: MachineView, one: ViewedFunction): Statement[] {
  const said: Statement[] = [];
  const management = knownAs('boardManagement', one.config);
  if (management !== undefined) {
    said.push({
      topic: 'role',
      severity: 'note',
      text: `${management}: ${whyKnown('boardManagement')}.`,
      evidence: [configBytes(one, 0, 4, 'vendor and device ID')],
    });
  }
  if (isDisplay(one) && isBootDisplay(view, one)) {
    said.push({
      topic: 'role',
      severity: 'note',
      text: 'The boot display: a reset of it blacks the console out.',
      evidence: [
        configBytes(one, 0x08, 4, 'class 0300, VGA'),
        rule('PCI 3.2.5.18', 'VGA Enable is set in every bridge above it'),
      ],
    });
  }
  return said;
}

/** The worst of some; `good` if there are none. */
function worst(all: readonly Severity[]): Severity {
  return [...all].sort(compareSeverity)[0] ?? 'good';
}

function hex4(value: number): string {
  return value.toString(16).padStart(4, '0');
}
