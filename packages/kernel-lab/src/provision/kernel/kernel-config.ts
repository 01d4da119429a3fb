import { gunzipSync } from 'node:zlib';

/** A kernel's configuration: which options it was built with. */
export class KernelConfig {
  readonly #options: ReadonlyMap<string, string>;

  /** @param text - as in `.config`: `CONFIG_PCI=y`, `# CONFIG_SMP is not set` */
  constructor(text: string) {
    this.#options = new Map(
      [...text.matchAll(/^CONFIG_(\w+)=(.*)$/gm)].map((line): [string, string] => [line[1]!, line[2]!]),
    );
  }

  get size(): number {
    return this.#options.size;
  }

  /** `y`, `m`, a number or a string as written; undefined if it is not set. @param option - without `CONFIG_` */
  get(option: string): string | undefined {
    return this.#options.get(option);
  }

  /** Built in. */
  isBuiltIn(option: string): boolean {
    return this.get(option) === 'y';
  }

  /** Built in or a module. */
  isOn(option: string): boolean {
    return this.get(option) === 'y' || this.get(option) === 'm';
  }
}

/** The configuration that a kernel with CONFIG_IKCONFIG carries (kernel/configs.c); undefined if it has none. */
export function configInImage(vmlinux: Buffer): KernelConfig | undefined {
  const start = vmlinux.indexOf('IKCFG_ST\x1f\x8b', 0, 'latin1');
  const end = vmlinux.indexOf('IKCFG_ED', start, 'latin1');
  if (start < 0 || end < 0) return undefined;
  try {
    return new KernelConfig(gunzipSync(vmlinux.subarray(start + 8, end)).toString('utf8'));
  } catch {
    return undefined;
  }
}
