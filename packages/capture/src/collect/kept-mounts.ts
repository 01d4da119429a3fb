/** File systems that come over a network, from the host of a guest, or from a pool that has no device of its own. */
const withoutDevice: ReadonlySet<string> = new Set([
  ...['nfs', 'nfs4', 'cifs', 'smb3', 'ceph', 'glusterfs', 'fuse.glusterfs', 'fuse.ceph', 'lustre'],
  ...['virtiofs', '9p', 'zfs'],
]);
/** Where people, packages and containers mount what no dump goes to. */
const ofNoUse =
  /^\/(media|run\/media|run\/user|snap|var\/snap|var\/lib\/docker|var\/lib\/containers|var\/lib\/containerd|var\/lib\/kubelet)\//;

/**
 * A line of `/proc/self/mountinfo` as it is kept: of file systems on disks and servers, and of the root. Options are left
 * out, and what of a file system is mounted.
 */
export function keptMount(line: string): string | undefined {
  const words = wordsOf(line);
  const dash = words.indexOf('-', 6);
  const [type, source] = [words[dash + 1], words[dash + 2]];
  if (dash < 0 || type === undefined || source === undefined) return undefined;
  const [id, parent, number, root, point, options] = words as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const onDevice = source.startsWith('/dev/') && !source.startsWith('/dev/loop');
  if (point !== '/' && !onDevice && !withoutDevice.has(type)) return undefined;
  if (ofNoUse.test(point)) return undefined;
  const mode = options.split(',', 1)[0] as string;
  return `${id} ${parent} ${number} ${root === '/' ? '/' : '/*'} ${point} ${mode} - ${type} ${source}`;
}

/** A line of `/etc/fstab` as it is kept: device, mount point and type of what is a device or on a server. */
export function keptMountEntry(line: string): string | undefined {
  const [source, point, type] = wordsOf(line);
  if (source === undefined || type === undefined || point?.startsWith('/') !== true) return undefined;
  if (!/^\/|^[A-Z]+=|^[^#:]*:/.test(source)) return undefined;
  return `${source} ${point} ${type}`;
}

function wordsOf(line: string): string[] {
  return line.split(/[ \t\r]+/).filter((word) => word !== '');
}
