/** What a line of an SMMUv1 or SMMUv2 says: the first of a fault, or one that goes on with it. */
export interface SmmuV2Line {
  /** `context`: of a stream whose tables refuse it; `global`: of none that the unit knows; `details`: goes on. */
  readonly kind: 'context' | 'global' | 'details';
  /** Device that speaks, as the kernel names it. */
  readonly unit: string;
  readonly stream?: number;
  /** Hexadecimal without 0x. */
  readonly address?: string;
  readonly operation?: 'read' | 'write';
  /** Names of the status bits that are set. */
  readonly status?: readonly string[];
}

/** Linux's drivers, and Xen's on Arm: `arm-smmu 5000000.iommu: `, `qcom-iommu-ctx 1e20000.ctx: `, `smmu: /iommu@7fb30000: `. */
const UNIT =
  /^(?:(?:arm-smmu|arm_smmu|qcom[-_]iommu(?:[-_]ctx)?) |smmu: )([\w/@,:.-]{1,60}): (?:arm_smmu\w{0,40}: )?\s{0,4}/;
const CONTEXT = /^Unhandled context fault: (.{0,200})$/;
const BLOCKED = /^Blocked unknown Stream ID 0x([0-9a-f]{1,4})\b/;
const UNEXPECTED = /^Unexpected global fault/;
const GLOBAL_STATUS =
  /^GFSR 0x([0-9a-f]{8}), GFSYNR0 0x([0-9a-f]{8}), GFSYNR1 0x([0-9a-f]{8}), GFSYNR2 0x[0-9a-f]{8}/;
/** Since 6.11 the registers are spelt out below; kernels of that version print nothing else. */
const CONTEXT_STATUS = /^FSR {1,8}= ([0-9a-f]{8}) \[[^\]]{0,80}\](?:, SID=0x([0-9a-f]{1,4}))?/;
const SYNDROME = /^FSYNR0 {1,8}= ([0-9a-f]{8})\b/;
const FAR = /^FAR {1,8}= ([0-9a-f]{8,16})\b/;
const FIELD = /\b(fsr|iova|fsynr0?|cbfrsynra|sid)=(?:0x)?([0-9a-f]{1,16})\b/g;

/** SMMUv2 specification (IHI 0062), 16.6: SMMU_CBn_FSR. */
const CONTEXT_BITS = ['', 'TF', 'AFF', 'PF', 'EF', 'TLBMCF', 'TLBLKF', 'ASF', 'UUT'];
const CONTEXT_WORDS: Readonly<Record<string, string>> = {
  TF: 'no page (translation fault)',
  AFF: 'access flag clear',
  PF: 'permission fault',
  EF: 'the tables could not be read (external fault)',
  TLBMCF: 'more than one TLB entry fits',
  TLBLKF: 'TLB lock fault',
  ASF: 'address size fault',
  UUT: 'unsupported upstream transaction',
};
/** 9.6: SMMU_sGFSR. */
const GLOBAL_BITS = ['ICF', 'USF', 'SMCF', 'UCBF', 'UCIF', 'CAF', 'EF', 'PF', 'UUT'];
const GLOBAL_WORDS: Readonly<Record<string, string>> = {
  ICF: 'invalid context',
  USF: 'the unit knows no such stream',
  SMCF: 'several stream match registers fit (conflict)',
  UCBF: 'context bank not implemented',
  UCIF: 'context interrupt not implemented',
  CAF: 'configuration access fault',
  EF: 'the tables could not be read (external fault)',
  PF: 'permission fault',
  UUT: 'unsupported upstream transaction',
};

/** Words of which each such line has one; of Linux's own driver it is `arm-smmu`. */
export const smmuV2Words: readonly string[] = ['arm-smmu', 'arm_smmu', 'smmu: /', 'mmu-ctx ', 'mmu_ctx '];

/** Reads a line of an SMMUv1 or SMMUv2, in the words of Linux since 3.11. */
export function parseSmmuV2(message: string): SmmuV2Line | undefined {
  const speaker = UNIT.exec(message);
  if (speaker === null) return;
  const unit = speaker[1] as string;
  const said = message.slice(speaker[0].length);
  const context = CONTEXT.exec(said);
  if (context !== null) return { kind: 'context', unit, ...fieldsOf(context[1] as string) };
  const blocked = BLOCKED.exec(said);
  if (blocked !== null)
    return { kind: 'global', unit, stream: hex(blocked[1]), status: ['the unit knows no such stream'] };
  if (UNEXPECTED.test(said)) return { kind: 'global', unit };
  const global = GLOBAL_STATUS.exec(said);
  if (global !== null) {
    const status = named(hex(global[1]), GLOBAL_BITS, GLOBAL_WORDS);
    // GFSYNR0.WNR, GFSYNR1.StreamID
    const operation = (hex(global[2]) & 2) === 0 ? 'read' : 'write';
    return { kind: 'details', unit, stream: hex(global[3]) & 0xffff, operation, status };
  }
  const status = CONTEXT_STATUS.exec(said);
  if (status !== null) {
    const stream = status[2] === undefined ? {} : { stream: hex(status[2]) };
    return { kind: 'details', unit, ...stream, status: named(hex(status[1]), CONTEXT_BITS, CONTEXT_WORDS) };
  }
  const syndrome = SYNDROME.exec(said);
  if (syndrome !== null) return { kind: 'details', unit, operation: directionOf(syndrome[1]) };
  const far = FAR.exec(said);
  return far === null ? undefined : { kind: 'details', unit, address: stripped(far[1] as string) };
}

function fieldsOf(text: string): Omit<SmmuV2Line, 'kind' | 'unit'> {
  const fields = new Map([...text.matchAll(FIELD)].map((found) => [found[1], found[2]]));
  const [iova, fsr] = [fields.get('iova'), fields.get('fsr')];
  const syndrome = fields.get('fsynr') ?? fields.get('fsynr0');
  const stream = fields.get('cbfrsynra');
  return {
    ...(iova === undefined ? {} : { address: stripped(iova) }),
    ...(syndrome === undefined ? {} : { operation: directionOf(syndrome) }),
    // CBFRSYNRA.StreamID; an SSD index may stand above it.
    ...(stream === undefined ? {} : { stream: hex(stream) & 0xffff }),
    ...(fsr === undefined ? {} : { status: named(hex(fsr), CONTEXT_BITS, CONTEXT_WORDS) }),
  };
}

/** FSYNR0.WNR. */
function directionOf(syndrome: string | undefined): 'read' | 'write' {
  return (hex(syndrome) & 0x10) === 0 ? 'read' : 'write';
}

function named(
  value: number,
  bits: readonly string[],
  words: Readonly<Record<string, string>>,
): readonly string[] {
  return bits.flatMap((bit, at) => (bit !== '' && (value & (1 << at)) !== 0 ? [words[bit] as string] : []));
}

function hex(digits: string | undefined): number {
  return Number.parseInt(digits ?? '0', 16);
}

function stripped(digits: string): string {
  return digits.replace(/^0+(?=.)/, '');
}
