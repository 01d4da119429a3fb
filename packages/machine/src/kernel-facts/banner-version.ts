const SHAPE =
  /\bDebian (\d{1,4}\.\d{1,4}(?:\.\d{1,4})?)|\(Ubuntu [^)]{1,60} (\d{1,4}\.\d{1,4}(?:\.\d{1,4})?)\)/;

/**
 * The version of kernel.org that a distribution's kernel is built on, where its banner adds it to the release:
 * `Linux version 6.1.0-18-amd64 (…) #1 SMP … Debian 6.1.76-1 (2024-02-01)`,
 * `… #101-Ubuntu SMP … (Ubuntu 5.15.0-91.101-generic 5.15.131)`; also of `uname -a`.
 */
export function versionOfBanner(banner: string): string | undefined {
  // The compiler's version stands before the `#`, that of the kernel behind it.
  const build = banner.indexOf(' #');
  if (build < 0) return undefined;
  const match = SHAPE.exec(banner.slice(build, build + 512));
  return match?.[1] ?? match?.[2];
}
