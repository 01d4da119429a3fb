/** Comments, and servers that mail is sent through. */
const ofNoDump = /^[ \t]*#|SMTP/;
const quads = /[0-9]+[.][0-9]+[.][0-9]+[.][0-9]+/g;

/**
 * Addresses of IPv4 that kdump's configuration speaks of: those that stand in it, and those of names that do, by
 * `/etc/hosts`. Nothing is looked up over the network.
 */
export function serverAddresses(configuration: string, hosts: string): number[][] {
  const said = configuration
    .split('\n')
    .filter((line) => !ofNoDump.test(line))
    .join('\n');
  const found: string[] = [...(said.match(quads) ?? [])];
  for (const line of hosts.split('\n').slice(0, 1000)) {
    const [address, ...names] = (line.split('#')[0] as string)
      .split(/[ \t\r]+/)
      .filter((word) => word !== '');
    if (address !== undefined && names.some((name) => said.includes(name))) found.push(address);
  }
  return found
    .slice(0, 100)
    .map((address) => address.split('.').map(Number))
    .filter((bytes) => bytes.length === 4 && bytes.every((byte) => byte >= 0 && byte < 256));
}

/** A line of `/proc/net/route` as it is kept: default routes, and those that lead to one of these addresses. */
export function keptRoute(line: string, servers: readonly (readonly number[])[]): string | undefined {
  const words = line.split(/[ \t\r]+/).filter((word) => word !== '');
  const [to, mask] = [bytesOf(words[1]), bytesOf(words[7])];
  if (to === undefined || mask === undefined) return undefined;
  const isDefault = [...to, ...mask].every((byte) => byte === 0);
  if (!isDefault && !servers.some((server) => leadsTo(server, to, mask))) return undefined;
  return words.join('\t');
}

/** A line of `/proc/net/ipv6_route` as it is kept: default routes that lead to an interface. */
export function keptRouteOfSix(line: string): string | undefined {
  const words = line.split(/[ \t\r]+/).filter((word) => word !== '');
  if (words.length !== 10 || !/^0+$/.test(words[0] as string) || words[1] !== '00' || words[9] === 'lo')
    return undefined;
  return words.join(' ');
}

/** A byte of a mask has its ones first: it parts 256 addresses into blocks. */
function leadsTo(server: readonly number[], to: readonly number[], mask: readonly number[]): boolean {
  return mask.every((bits, at) => {
    const block = 256 - bits;
    return Math.floor((server[at] as number) / block) === Math.floor((to[at] as number) / block);
  });
}

/** `0200000A` is 10.0.0.2: the bytes stand there as a processor reads a word of them. */
function bytesOf(word: string | undefined): number[] | undefined {
  if (word === undefined || !/^[0-9A-F]{8}$/.test(word)) return undefined;
  return [6, 4, 2, 0].map((at) => Number.parseInt(word.slice(at, at + 2), 16));
}
