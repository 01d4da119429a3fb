import type { RemappingInventory } from '../diagnosis.ts';

/** More than any machine lists; of a flood the first ones are kept. */
const MAX_UNITS = 128;
const MAX_LINES = 200;
const MAX_TEXT = 200;

type Draft<T> = { -readonly [K in keyof T]: T[K] };
type Unit = Draft<RemappingInventory['units'][number]>;

const UNIT =
  /(?:DMAR: )?(dmar\d{1,4}|IOMMU\d{0,4}): reg_base_addr ([0-9a-f]{1,16}) ver \d+:\d+ cap ([0-9a-f]{1,16}) ecap ([0-9a-f]{1,16})/i;
const DRHD = /DRHD base: 0x([0-9a-f]{1,16}) flags: 0x[0-9a-f]+/;
const RMRR = /RMRR base: 0x([0-9a-f]{1,16}) end: 0x([0-9a-f]{1,16})/;
const IO_APIC = /IOAPIC id (\d{1,3}) under DRHD base\s+0x([0-9a-f]{1,16})(?: IOMMU (\d{1,4}))?/;
const AMD_UNIT = /AMD-Vi: Found IOMMU (?:at|cap) ?(\S{1,20})?/;
const SMMU_UNIT = /^arm-smmu-v3 (\S{1,60}): (?:ias|option mask|oas)|^arm-smmu (\S{1,60}): SMMUv[12] with:/;
const OTHER =
  /^(?:ACPI: (?:DMAR|IVRS|IORT) 0x|DMAR(?:-IR)?: |dmar: (?!DRHD: handling|DMAR:)|AMD-Vi: |iommu: (?:Default domain|DMA domain)|pci \S{1,14}: DMAR: |IOMMU: |arm-smmu-v3 \S{1,60}: (?!event)|arm-smmu \S{1,60}: (?!\s|Unhandled|Unexpected|Blocked|FS|FAR))/;
/** The firmware's memory map, as kernels from 3.5 on and before print it. */
const FIRMWARE_MEMORY =
  /^BIOS-e820: (?:\[mem 0x([0-9a-f]{1,16})-0x([0-9a-f]{1,16})\] |([0-9a-f]{16}) - ([0-9a-f]{16}) \()(?!usable)[A-Za-z]/;
/** Lines that are faults or events, and stand elsewhere. */
const ELSEWHERE =
  /handling fault status|\[DMA |INTR-REMAP|fault reason|Event logged|table entries for IOVA|entry: |pte level|PTE not present/i;

/** Collects what a kernel lists of remapping hardware. */
export class InventoryReader {
  #architecture: RemappingInventory['architecture'];
  readonly #units: Unit[] = [];
  readonly #regions: Draft<RemappingInventory['reservedRegions'][number]>[] = [];
  readonly #ioApics: RemappingInventory['ioApics'][number][] = [];
  readonly #lines: RemappingInventory['lines'][number][] = [];
  readonly #firmwareMemory: NonNullable<RemappingInventory['firmwareMemory']>[number][] = [];

  /** True if the message belongs to the inventory. */
  read(message: string, line: number): boolean {
    if (message.startsWith('BIOS-e820: ')) return this.#readFirmwareMemory(message, line);
    if (!OTHER.test(message) && !DRHD.test(message) && !UNIT.test(message)) return false;
    if (ELSEWHERE.test(message)) return false;
    this.#name(message);
    if (
      !this.#readUnit(message, line) &&
      !this.#readRegion(message, line) &&
      this.#lines.length < MAX_LINES
    ) {
      this.#lines.push({ line, text: message.slice(0, MAX_TEXT).trim() });
    }
    return true;
  }

  #readFirmwareMemory(message: string, line: number): boolean {
    const range = FIRMWARE_MEMORY.exec(message);
    if (range === null || this.#firmwareMemory.length >= MAX_UNITS) return true;
    const base = strip(range[1] ?? range[3] ?? '0');
    // The older form names the first byte behind the range; a byte more does no harm here.
    this.#firmwareMemory.push({ base, end: strip(range[2] ?? range[4] ?? '0'), line });
    return true;
  }

  finish(): RemappingInventory {
    return {
      ...(this.#architecture === undefined ? {} : { architecture: this.#architecture }),
      units: this.#units,
      reservedRegions: this.#regions,
      ...(this.#firmwareMemory.length === 0 ? {} : { firmwareMemory: this.#firmwareMemory }),
      ioApics: this.#ioApics,
      lines: this.#lines,
    };
  }

  #name(message: string): void {
    if (/^(?:ACPI: |pci \S{1,14}: )?DMAR|^dmar|DRHD/.test(message)) this.#architecture ??= 'vt-d';
    else if (/^AMD-Vi|^ACPI: IVRS/.test(message) && !message.includes('not available'))
      this.#architecture ??= 'amd-vi';
    else if (message.startsWith('arm-smmu-v3')) this.#architecture ??= 'smmu-v3';
    else if (message.startsWith('arm-smmu ')) this.#architecture ??= 'smmu-v2';
  }

  #readUnit(message: string, line: number): boolean {
    const unit = UNIT.exec(message);
    if (unit !== null) {
      const [, name, registerBase, capability, extendedCapability] = unit as unknown as string[];
      const listed = this.#units.find(
        (one) => one.registerBase === strip(registerBase) && one.capability === undefined,
      );
      const found = {
        name: name as string,
        capability: capability as string,
        extendedCapability: extendedCapability as string,
      };
      if (listed !== undefined) Object.assign(listed, found, { line });
      else this.#addUnit({ ...found, registerBase: strip(registerBase), line });
      return true;
    }
    const drhd = DRHD.exec(message);
    if (drhd !== null) {
      const base = strip(drhd[1]);
      // The line of the unit itself follows; where it was lost, the unit still counts.
      if (!this.#units.some((one) => one.registerBase === base)) {
        this.#addUnit({ name: `dmar${this.#units.length}`, registerBase: base, line });
      }
      return true;
    }
    const other = AMD_UNIT.exec(message) ?? SMMU_UNIT.exec(message);
    if (other === null) return false;
    const name = other[1] ?? other[2];
    if (!this.#units.some((one) => one.name === name)) this.#addUnit({ name: name ?? 'AMD-Vi', line });
    return false;
  }

  #addUnit(unit: Unit): void {
    if (this.#units.length < MAX_UNITS) this.#units.push(unit);
  }

  #readRegion(message: string, line: number): boolean {
    const region = RMRR.exec(message);
    if (region !== null) {
      if (this.#regions.length < MAX_UNITS) {
        this.#regions.push({ base: strip(region[1]), end: strip(region[2]), line });
      }
      return true;
    }
    const ioApic = IO_APIC.exec(message);
    if (ioApic === null) return false;
    const base = strip(ioApic[2]);
    const unit = this.#units.find((one) => one.registerBase === base)?.name;
    if (this.#ioApics.length < MAX_UNITS) {
      this.#ioApics.push({ id: Number(ioApic[1]), ...(unit === undefined ? {} : { unit }), line });
    }
    return true;
  }
}

function strip(digits: string | undefined): string {
  return (digits ?? '').toLowerCase().replace(/^0+(?=.)/, '');
}
