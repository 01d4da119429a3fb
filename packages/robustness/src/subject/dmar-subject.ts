import { preset } from '@quiesce/machine';
import { parseDmar } from '@quiesce/vtd-iommu';
import { tableOf } from '../inputs/printed-machine.ts';
import { sharedFiles } from '../inputs/shared-captures.ts';
import type { Subject } from './subject.ts';

const HEADER_BYTES = 48;

/** A DMAR table: each structure, as far as their lengths lead, is in the result, or there is a note. */
export const dmarSubject: Subject = {
  name: 'dmar',
  text: false,
  inputs: () => [tableOf(preset('server-2012')), ...sharedFiles('dmar', /\.dat$/, 60)],
  take: (input) => {
    const dmar = parseDmar(input, { file: 'dmar' });
    const found = structuresIn(input);
    return dmar.structures.length < found && dmar.notes.length === 0
      ? `${dmar.structures.length} of ${found} structures`
      : undefined;
  },
};

function structuresIn(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = Math.min(bytes.length, bytes.length >= 8 ? view.getUint32(4, true) : 0);
  let count = 0;
  for (let at = HEADER_BYTES; at + 4 <= end; count++) {
    const length = view.getUint16(at + 2, true);
    if (length < 4 || at + length > end) break;
    at += length;
  }
  return count;
}
