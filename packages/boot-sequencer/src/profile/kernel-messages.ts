/**
 * What a kernel prints where, as data: wordings and prefixes changed from era to era. Braces name what is filled in;
 * null is what that kernel does not print. Unit lines know `{name}` (`dmar0`), `{index}` and `{base}` (hexadecimal).
 */
export interface KernelMessages {
  /** Lines of the crash itself, in order. */
  readonly crash: readonly string[];
  /** `intel_iommu=on`, or a kernel built so. */
  readonly remappingAsked: string | null;
  /** `intel_iommu=off` */
  readonly remappingDeclined: string | null;
  /** `{bits}` */
  readonly hostAddressWidth: string | null;
  /** `{base14}`: 14 digits; `{flags}` */
  readonly unit: string | null;
  /** `{major}`, `{minor}`, `{capability}`, `{extended}`: as the registers say. */
  readonly unitRegisters: string | null;
  /** `{start14}`, `{end14}`: the last byte. */
  readonly reservedMemory: string | null;
  /** `{flags}` */
  readonly ats: string | null;
  /** `{base14}`, `{domain}` */
  readonly proximity: string | null;
  /** `{flags}` */
  readonly satc: string | null;
  /** `{number}`, `{device}` */
  readonly acpiDevice: string | null;
  /** `{id}`, `{name}`, `{index}`, `{base}` */
  readonly ioApic: string | null;
  /** `{id}`, `{name}`, `{index}`, `{base}` */
  readonly hpet: string | null;
  /** `{name}` */
  readonly interruptsNotKdump: string | null;
  readonly interruptsRemapped: string | null;
  readonly noReservedMemory: string | null;
  readonly noAts: string | null;
  readonly noSatc: string | null;
  readonly queuedInvalidation: string | null;
  readonly registerInvalidation: string | null;
  /** `{name}` */
  readonly translationNotKdump: string | null;
  /** `{device}`, `{start}`, `{end}`: the last byte. */
  readonly identityMap: string | null;
  readonly remappingReady: string | null;
  /** `{segment}`, `{bus}` */
  readonly rootBus: string | null;
  /** `{device}`, `{place}` without segment, `{vendor}`, `{id}`, `{type}`, `{type2}`, `{class}` of 6 digits, `{class4}`.  */
  readonly pciFunction: string | null;
  /** `{device}`, `{buses}` (`02`, `02-06`), `{range}` (`02-02`, `02-06`) */
  readonly bridge: string | null;
  /** `{device}`, `{start}`, `{end}` */
  readonly bridgeWindow: string | null;
  readonly init: string | null;
  /** The last line before the machine is reset. */
  readonly restart: string | null;
  /** Fault lines in five seconds before the rest is only counted; Infinity before Linux 4.6. */
  readonly faultBurst: number;
}
