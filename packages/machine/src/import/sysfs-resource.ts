import type { CapturedFile } from '../capture/captured-file.ts';
import { captureText } from './input-limits.ts';

const line = /^0x([0-9a-f]{1,16}) 0x([0-9a-f]{1,16}) 0x([0-9a-f]{1,16})$/;
/** IORESOURCE_IO and IORESOURCE_MEM (include/linux/ioport.h). */
const isDecoded = (flags: number): boolean => (flags & 0x300) !== 0;

/**
 * Sizes in bytes of the six BARs from a function's `resource` file: lines of start, last address and flags, in the order of
 * the BARs. Undefined where the file does not say one.
 */
export function parseSysfsResource(file: CapturedFile): (number | undefined)[] {
  const text = captureText(file.content.slice(0, 4096), file.path);
  const sizes: (number | undefined)[] = text.split('\n', 6).map((one) => {
    const match = line.exec(one.trim());
    if (match === null) return undefined;
    const [start, last, flags] = match.slice(1).map((digits) => Number.parseInt(digits, 16)) as [
      number,
      number,
      number,
    ];
    if (last <= start || !isDecoded(flags)) return undefined;
    const size = last - start + 1;
    return size <= 2 ** 52 && Math.log2(size) % 1 === 0 ? size : undefined;
  });
  while (sizes.length < 6) sizes.push(undefined);
  return sizes;
}
