const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EPERM: 'the kernel does not permit it',
  EIO: 'input/output error',
  ELOOP: 'it is a symbolic link',
  ENOTDIR: 'a part of its path is no folder',
  ENXIO: 'nobody writes to it',
};

/** Why the system refused, in words and without the path, which the message that this stands in has already. */
export function describeError(error: Error & { code?: unknown }): string {
  const code = typeof error.code === 'string' ? error.code : undefined;
  if (code === undefined) return error.message;
  return (
    (Object.hasOwn(reasons, code) ? reasons[code] : undefined) ?? error.message.replace(/, \w+ '.*$/, '')
  );
}
