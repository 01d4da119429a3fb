import { eachLine } from '../../import/input-limits.ts';
import type { Stated } from '../host-facts.ts';
import type { FactText } from '../section-reader.ts';
import type { BlockDevice } from './block-device.ts';
import type { PassedOverLines } from './passed-over-lines.ts';

const MAX_DEVICES = 50_000;
const MAX_OVER = 1000;
const MAX_DEPTH = 32;
const row =
  /^([^A-Za-z0-9]{0,80})([A-Za-z0-9]\S{0,250})(?: \((dm-\d{1,6})\))?\s+(\d{1,9}:\d{1,9})\s+(\S.{0,400})$/;

interface Draft {
  readonly found: Stated<string>;
  readonly number: string;
  readonly layer?: Stated<string>;
  partitionOf?: Stated<string>;
  readonly over: Map<string, Stated<string>>;
}

/** Block devices by the tree that `lsblk` draws: what stands below a device is a partition of it, or made of it. */
export function devicesOfLsblk(facts: readonly FactText[], passedOver: PassedOverLines): BlockDevice[] {
  const drafts = new Map<string, Draft>();
  for (const { kind, text, file, line: first } of facts) {
    if (kind !== 'block-devices') continue;
    const above: (string | undefined)[] = [];
    let isTree = false;
    eachLine(text, (line, number) => {
      const match = line.length > 1000 ? null : row.exec(line);
      if (match === null) {
        // `blkid` and other tables of lsblk's stand in such sources as well.
        if (isTree && line.trim() !== '' && !line.startsWith('NAME'))
          passedOver.add(file, first + number - 1);
        else if (/^NAME +MAJ:MIN/.test(line)) isTree = true;
        return;
      }
      const [, indent, name, , majorMinor, rest] = match as unknown as [
        string,
        string,
        string,
        string,
        string,
        string,
      ];
      const [, , , type] = rest.split(/\s+/, 4);
      if (type === undefined || type === 'loop' || type === 'rom') return;
      // Two characters a level, whichever they are drawn with.
      const depth = Math.min(MAX_DEPTH, Math.floor(indent.length / 2));
      const place = { file, line: first + number - 1 };
      let draft = drafts.get(name);
      if (draft === undefined) {
        if (drafts.size >= MAX_DEVICES) return;
        const layer = type === 'disk' || type === 'part' ? {} : { layer: { value: type, ...place } };
        draft = {
          found: { value: line.trim().slice(0, 200), ...place },
          number: majorMinor,
          ...layer,
          over: new Map(),
        };
        drafts.set(name, draft);
      }
      above[depth] = name;
      const parent = depth === 0 ? undefined : above[depth - 1];
      if (parent === undefined || parent === name) return;
      if (type === 'part') draft.partitionOf ??= { value: parent, ...place };
      else if (draft.over.size < MAX_OVER) draft.over.set(parent, { value: parent, ...place });
    });
  }
  return [...drafts].map(([name, { over, ...rest }]) => ({ name, ...rest, over: [...over.values()] }));
}

/** Devices of `/sys`, with what `lsblk` has beside it; `/sys` goes first. */
export function withLsblk(devices: readonly BlockDevice[], listed: readonly BlockDevice[]): BlockDevice[] {
  const told = new Map(listed.map((one) => [one.name, one]));
  const merged = devices.map((one): BlockDevice => {
    const other = told.get(one.name) ?? told.get(one.mapped?.value ?? '');
    if (other === undefined) return one;
    told.delete(other.name);
    return { ...other, ...one, over: one.over.length > 0 ? one.over : other.over };
  });
  return [...merged, ...told.values()];
}
