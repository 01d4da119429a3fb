/** A program of the host that the lab calls. */
export interface KnownTool {
  readonly program: string;
  /** The Debian package that has it. */
  readonly debianPackage: string;
  readonly purpose: string;
  /** What can be done without it; undefined if nothing. */
  readonly without?: string;
}

/** Every program that the lab calls, in the order in which it needs them. */
export const knownTools: readonly KnownTool[] = [
  { program: 'qemu-system-x86_64', debianPackage: 'qemu-system-x86', purpose: 'the machine that crashes' },
  { program: 'setpriv', debianPackage: 'util-linux', purpose: 'ends QEMU when the lab ends' },
  {
    program: 'apt-cache',
    debianPackage: 'apt',
    purpose: 'finds kernels and programs for the guest',
    without: 'packages that are in the cache already, and --kernel-image',
  },
  {
    program: 'apt-get',
    debianPackage: 'apt',
    purpose: 'fetches kernels and programs for the guest',
    without: 'packages that are in the cache already, and --kernel-image',
  },
  { program: 'dpkg-deb', debianPackage: 'dpkg', purpose: 'unpacks Debian packages' },
  { program: 'xz', debianPackage: 'xz-utils', purpose: 'unpacks kernels and modules' },
  { program: 'zstd', debianPackage: 'zstd', purpose: 'unpacks kernels and modules' },
  {
    program: 'lz4',
    debianPackage: 'lz4',
    purpose: 'unpacks kernels that were built with CONFIG_KERNEL_LZ4',
    without: 'all other kernels',
  },
  {
    program: 'lzop',
    debianPackage: 'lzop',
    purpose: 'unpacks kernels that were built with CONFIG_KERNEL_LZO',
    without: 'all other kernels',
  },
  {
    program: 'bzip2',
    debianPackage: 'bzip2',
    purpose: 'unpacks kernels that were built with CONFIG_KERNEL_BZIP2',
    without: 'all other kernels',
  },
  {
    program: 'gcc',
    debianPackage: 'gcc libc6-dev',
    purpose: "builds the guest's probe of memory and dump",
    without: "everything but the dump's integrity",
  },
];
