import { ConfigReader } from '../description/config-reader.ts';
import type { ImportNote } from '../description/machine.ts';
import type { ListedFunction } from './machine-of-parts.ts';
import { lacksCapabilities, withCapability } from './unread-capabilities.ts';

const COMMAND = 0x04;
/** Kernels set it where a driver enables MSI or MSI-X (PCIe 6.0, 7.5.1.1.3; pci_intx_for_msi of Linux). */
const INTERRUPT_DISABLE = 0x0400;
/** Enabled, with an address of 64 bits (7.7.1). */
const MESSAGE_SIGNALED = [0x05, 0, 0x81, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] as const;

/**
 * Functions with a driver whose capabilities an ordinary user could not read are given that of MSI if their Command register
 * says that they do not use their interrupt line.
 */
export function assumeMessageInterrupts(
  functions: readonly ListedFunction[],
  notes: ImportNote[],
): ListedFunction[] {
  const given: ListedFunction[] = [];
  const result = functions.map((one) => {
    const config = new ConfigReader(one.bytes);
    const isDriven = one.kernelDriver !== undefined && config.headerType === 0 && !config.isAbsent;
    if (!isDriven || (config.u16(COMMAND) & INTERRUPT_DISABLE) === 0 || !lacksCapabilities(one)) return one;
    const assumed = withCapability(one, MESSAGE_SIGNALED);
    if (assumed !== undefined) given.push(one);
    return assumed ?? one;
  });
  const [first] = given;
  if (first !== undefined) {
    const which =
      given.length === 1 ? `${first.name} is` : `${given.length} functions, ${first.name} the first, are`;
    const message = `${which} taken to use MSI, since the interrupt line is off: the capabilities are not in the capture`;
    notes.push({ file: first.file, line: first.line, message });
  }
  return result;
}
