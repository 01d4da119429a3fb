import type { FunctionConfig } from './config-spaces.ts';

const UNITS = ['', 'K', 'M', 'G', 'T'] as const;

/** The text that `lspci -vxxxx` prints of these functions, without names; `sizes` are those of each function's BARs. */
export function lspciText(
  functions: readonly FunctionConfig[],
  sizes: readonly (readonly number[])[] = [],
): string {
  return functions.map((one, index) => functionText(one, sizes[index] ?? [])).join('\n');
}

function functionText({ bus, device, fn, config }: FunctionConfig, sizes: readonly number[]): string {
  const word = (at: number): string => `${two(config[at + 1] as number)}${two(config[at] as number)}`;
  const lines = [`${two(bus)}:${two(device)}.${fn} ${word(0x0a)}: ${word(0)}:${word(2)}`];
  for (const [bar, size] of sizes.entries()) {
    if (size === 0) continue;
    const space = ((config[0x10 + 4 * bar] as number) & 1) === 1 ? 'I/O ports' : 'Memory';
    lines.push(`\tRegion ${bar}: ${space} at <ignored> [size=${sizeText(size)}]`);
  }
  for (let at = 0; at < config.length; at += 16) {
    lines.push(`${two(at)}: ${Array.from(config.subarray(at, at + 16), two).join(' ')}`);
  }
  return `${lines.join('\n')}\n`;
}

function sizeText(bytes: number): string {
  let [rest, unit] = [bytes, 0];
  while (rest % 1024 === 0 && unit < UNITS.length - 1) {
    rest /= 1024;
    unit++;
  }
  return `${rest}${UNITS[unit]}`;
}

function two(value: number): string {
  return value.toString(16).padStart(2, '0');
}
