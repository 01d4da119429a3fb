import { dmaAliasesOf, requesterName } from '@quiesce/machine';
import type { CapturedFunction, CapturedFunctions } from './captured-functions.ts';
import type { Sender } from './senders.ts';

/**
 * Functions that send under another function's number: by a defect that Linux knows, or because the device lends unused
 * function numbers out as tags (PCI Express, Device Capabilities bits 4:3).
 */
export function phantomFunctions(source: CapturedFunctions, segment: number, requesterId: number): Sender[] {
  const senders: Sender[] = [];
  const bus = requesterId >>> 8;
  for (const one of source.onBuses(segment, bus, bus)) {
    if (one.requesterId === requesterId) continue;
    const known = dmaAliasesOf(one.place, one.config).find((alias) => alias.requesterId === requesterId);
    if (known !== undefined) {
      senders.push({
        how: 'phantom-function',
        functions: [one.name],
        explanation: `${one.name} is of a family (${known.family}) that sends requests under ${requesterName(requesterId)}, which is another function's number; kernels need a quirk for it`,
      });
    } else if (declaresPhantom(one, requesterId)) {
      const inUse = isPhantomEnabled(one) ? 'and has them switched on' : 'but has them switched off';
      senders.push({
        how: 'phantom-function',
        functions: [one.name],
        explanation: `${one.name} can use ${requesterName(requesterId)} as a phantom function, by its Device Capabilities, ${inUse} (Device Control bit 9)`,
      });
    }
  }
  return senders;
}

/** With n bits of the function number claimed, the upper n bits of it stand for tags (PCI Express 7.5.3.3). */
function declaresPhantom(one: CapturedFunction, requesterId: number): boolean {
  const at = one.config.capability(0x10);
  if (at === 0 || one.config.bytes.length < at + 8) return false;
  const claimed = (one.config.u8(at + 4) >> 3) & 3;
  if (claimed === 0 || requesterId >>> 3 !== one.requesterId >>> 3) return false;
  const kept = (1 << (3 - claimed)) - 1;
  return (requesterId & kept) === (one.place.fn & kept);
}

function isPhantomEnabled(one: CapturedFunction): boolean {
  return (one.config.u16(one.config.capability(0x10) + 8) & 0x200) !== 0;
}
