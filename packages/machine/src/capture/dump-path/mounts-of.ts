import { eachLine } from '../../import/input-limits.ts';
import type { FactText } from '../section-reader.ts';
import type { Mount } from './block-device.ts';
import type { PassedOverLines } from './passed-over-lines.ts';

const MAX_MOUNTS = 20_000;
/** Longer lines are of overlays with hundreds of layers. */
const MAX_LINE = 8192;

/**
 * File systems and where they are mounted: lines of `/proc/self/mountinfo`, of `/proc/mounts` and `/etc/mtab`, of `mount`, and of
 * `/etc/fstab`. Of a point that is mounted twice the last one counts, as on the machine.
 */
export function mountsOf(facts: readonly FactText[], passedOver: PassedOverLines): Mount[] {
  const found: Mount[] = [];
  for (const { kind, text, file, line: first, path } of facts) {
    if (kind !== 'mounts') continue;
    const configured = path === 'etc/fstab' || file.endsWith('etc/fstab');
    eachLine(text, (line, number) => {
      if (line.trim() === '' || /^\s*#/.test(line)) return;
      const canBe = line.length <= MAX_LINE && found.length < MAX_MOUNTS;
      const read = canBe ? (mountInfo(line) ?? printed(line) ?? fields(line)) : undefined;
      if (read === undefined) {
        passedOver.add(file, first + number - 1);
        return;
      }
      // Swap is mounted nowhere.
      if (!read.point.startsWith('/')) return;
      const { source, point, type, ...rest } = read;
      const place = { file, line: first + number - 1 };
      found.push({
        source: { value: unescaped(source), ...place },
        point: unescaped(point),
        type,
        ...rest,
        configured,
      });
    });
  }
  return found;
}

interface MountLine {
  readonly source: string;
  readonly point: string;
  readonly type: string;
  readonly number?: string;
}

/** `27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw`: proc_pid_mountinfo(5). */
function mountInfo(line: string): MountLine | undefined {
  if (!/^\d+ \d+ \d+:\d+ /.test(line)) return undefined;
  const words = line.split(' ');
  const dash = words.indexOf('-', 6);
  const [number, point, type, source] = [words[2], words[4], words[dash + 1], words[dash + 2]];
  if (dash < 0 || number === undefined || point === undefined || type === undefined || source === undefined)
    return undefined;
  return { source, point, type, number };
}

/** `/dev/vda on / type ext4 (rw)`: mount(8). */
function printed(line: string): MountLine | undefined {
  const on = line.indexOf(' on /');
  const type = line.indexOf(' type ', on + 1);
  if (on <= 0 || type < 0) return undefined;
  const end = line.indexOf(' ', type + 6);
  return {
    source: line.slice(0, on),
    point: line.slice(on + 4, type),
    type: line.slice(type + 6, end < 0 ? undefined : end),
  };
}

/** `/dev/vda / ext4 rw 0 0`: fstab(5). */
function fields(line: string): MountLine | undefined {
  const [source, point, type, ...more] = line.trim().split(/[ \t]+/, 7);
  if (source === undefined || point === undefined || type === undefined || more.length > 3) return undefined;
  if (!point.startsWith('/') && !/^(?:none|swap)$/.test(point)) return undefined;
  return { source, point, type };
}

/** Blanks and the like are octal there. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
