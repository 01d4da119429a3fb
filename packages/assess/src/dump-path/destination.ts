/** Where a dump is to go, taken apart. */
export type Destination =
  /** A path on a file system that is mounted in production. */
  | { readonly kind: 'path'; readonly path: string }
  /** `/dev/…`, `UUID=…`, `LABEL=…`, `PARTUUID=…`, `PARTLABEL=…`. */
  | { readonly kind: 'device'; readonly device: string }
  /** `server` is a name, an address or a placeholder; empty where it cannot be told. */
  | { readonly kind: 'network'; readonly protocol: string; readonly server: string }
  /** A folder of the host that a virtual machine runs on. */
  | { readonly kind: 'shared-folder'; readonly tag: string }
  | { readonly kind: 'unknown' };

const onDevice: ReadonlySet<string> = new Set(['ext2', 'ext3', 'ext4', 'xfs', 'btrfs', 'minix', 'raw']);
const overNetwork: ReadonlySet<string> = new Set([
  ...['ssh', 'scp', 'sftp', 'net', 'nfs', 'nfs3', 'nfs4', 'ftp', 'cifs'],
]);
const tag = /^(?:UUID|LABEL|PARTUUID|PARTLABEL)=./;

/** Takes a destination apart as kdump.conf(5), kdump-tools(5) and kdump(5) of SUSE mean it. */
export function destinationOf(text: string): Destination {
  const words = text.trim().slice(0, 4096).split(/\s+/, 3);
  const [first = '', second = ''] = words;
  const url = /^([a-z0-9+]{1,20}):\/\/(.*)$/.exec(first);
  if (url !== null) {
    const [, scheme, rest] = url as unknown as [string, string, string];
    if (scheme === 'file') return { kind: 'path', path: `/${rest.replace(/^\/+/, '')}` };
    return { kind: 'network', protocol: scheme, server: serverOf(rest.split('/', 1)[0] as string) };
  }
  if (overNetwork.has(first)) return { kind: 'network', protocol: first, server: serverOf(second) };
  if (first === 'virtiofs') return { kind: 'shared-folder', tag: second };
  const spec = unquoted(onDevice.has(first) ? second : first);
  if (tag.test(spec) || spec.startsWith('/dev/')) return { kind: 'device', device: spec };
  // Without a target, kdump takes the file system that is mounted there.
  return spec.startsWith('/') ? { kind: 'path', path: spec } : { kind: 'unknown' };
}

/** `server` of `user@server`, `server:/export`, `user:password@server:22`, `[2001:db8::1]:/export`. */
export function serverOf(text: string): string {
  const host = text.slice(text.lastIndexOf('@') + 1);
  const bracketed = /^\[([^\]]+)\]/.exec(host);
  return bracketed?.[1] ?? (host.split(':', 1)[0] as string);
}

function unquoted(text: string): string {
  return text.replaceAll(/["']/g, '');
}
