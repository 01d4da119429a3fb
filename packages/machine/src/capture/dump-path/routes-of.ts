import { eachLine } from '../../import/input-limits.ts';
import type { FactText } from '../section-reader.ts';
import { addressOf, maskOf } from './ip-address.ts';
import type { NetworkRoute } from './network-interface.ts';
import type { PassedOverLines } from './passed-over-lines.ts';

const MAX_ROUTES = 20_000;
const MAX_LINE = 1000;
/** Headings, routes that lead to no interface, tables beside the main one, and IPv6. */
const ofNoUse =
  /^(?:Iface|Kernel IP|Destination|local|broadcast|multicast|anycast|unreachable|prohibit|blackhole|throw|nat)\b| table (?!main\b)|^\S*::|^[0-9a-f]{1,4}:/;

/** Routes of IPv4, and default ones of IPv6: lines of `/proc/net/route`, `/proc/net/ipv6_route`, `ip route`, `route -n`. */
export function routesOf(facts: readonly FactText[], passedOver: PassedOverLines): NetworkRoute[] {
  const found: NetworkRoute[] = [];
  for (const { kind, text, file, line: first } of facts) {
    if (kind !== 'network-routes') continue;
    eachLine(text, (line, number) => {
      if (line.trim() === '' || ofNoUse.test(line)) return;
      const canBe = line.length <= MAX_LINE && found.length < MAX_ROUTES;
      if (canBe && sixRoute.test(line) && !isDefaultOfSix(line)) return;
      const read = canBe
        ? (kernelRouteOfSix(line) ?? kernelRoute(line) ?? ipRoute(line) ?? printedRoute(line))
        : undefined;
      if (read === undefined) {
        passedOver.add(file, first + number - 1);
        return;
      }
      const { name, ...route } = read;
      found.push({ interfaceName: { value: name, file, line: first + number - 1 }, ...route });
    });
  }
  return found;
}

interface RouteLine extends Omit<NetworkRoute, 'interfaceName'> {
  readonly name: string;
}

/** `eth0 00000000 010200C0 0003 0 0 0 00000000 0 0 0`: addresses in the order of their bytes in memory, flags with RTF_UP. */
function kernelRoute(line: string): RouteLine | undefined {
  const words = line.trim().split(/\s+/, 9);
  const [name, destination, gateway, flags, , , metric, mask] = words;
  if (name === undefined || mask === undefined || metric === undefined || flags === undefined)
    return undefined;
  if (![destination, gateway, mask].every((one) => /^[0-9A-F]{8}$/i.test(one ?? ''))) return undefined;
  if (!/^[0-9A-F]{4}$/i.test(flags) || (Number.parseInt(flags, 16) & 1) === 0) return undefined;
  return {
    name,
    destination: reversed(destination as string),
    mask: reversed(mask),
    metric: Number.parseInt(metric, 10) || 0,
  };
}

/** `::/0`, from anywhere, next hop, metric, two counters, flags, interface: each as hexadecimal digits. */
const sixRoute =
  /^[0-9a-f]{32} [0-9a-f]{2} [0-9a-f]{32} [0-9a-f]{2} [0-9a-f]{32} ([0-9a-f]{8}) [0-9a-f]{8} [0-9a-f]{8} ([0-9a-f]{8})\s+(\S{1,100})\s*$/;

/** A kernel that has no default route of IPv6 has one that leads to `lo` and refuses. */
function isDefaultOfSix(line: string): boolean {
  return /^0{32} 00 /.test(line) && !/\slo\s*$/.test(line);
}

function kernelRouteOfSix(line: string): RouteLine | undefined {
  const match = sixRoute.exec(line);
  if (match === null) return undefined;
  const [, metric, flags, name] = match as unknown as [string, string, string, string];
  if ((Number.parseInt(flags, 16) & 1) === 0) return undefined;
  return { name, version: 6, destination: 0, mask: 0, metric: Number.parseInt(metric, 16) };
}

function reversed(hex: string): number {
  const bytes = hex.match(/../g) ?? [];
  return Number.parseInt(bytes.reverse().join(''), 16);
}

/** `default via 10.0.0.1 dev eth0 metric 100`, `10.0.0.0/24 dev eth0 scope link`; only of the main table. */
function ipRoute(line: string): RouteLine | undefined {
  const words = line.trim().split(/\s+/, 40);
  const after = (word: string): string | undefined => {
    const at = words.indexOf(word);
    return at < 0 ? undefined : words[at + 1];
  };
  const [name, to] = [after('dev'), words[0]];
  const table = after('table');
  if (name === undefined || to === undefined || (table !== undefined && table !== 'main')) return undefined;
  const metric = Number.parseInt(after('metric') ?? '0', 10) || 0;
  if (to === 'default') {
    const six = after('via')?.includes(':') === true || after('proto') === 'ra';
    return { name, ...(six ? { version: 6 as const } : {}), destination: 0, mask: 0, metric };
  }
  const [address, bits] = to.split('/', 2) as [string, string | undefined];
  const [destination, mask] = [addressOf(address), maskOf(bits ?? '32')];
  return destination === undefined || mask === undefined ? undefined : { name, destination, mask, metric };
}

/** `0.0.0.0 10.0.0.1 0.0.0.0 UG 100 0 0 eth0`: route(8). */
function printedRoute(line: string): RouteLine | undefined {
  const [to, , genmask, flags, metric, , , name] = line.trim().split(/\s+/, 9);
  const [destination, mask] = [
    addressOf(to === 'default' ? '0.0.0.0' : (to ?? '')),
    addressOf(genmask ?? ''),
  ];
  if (
    name === undefined ||
    destination === undefined ||
    mask === undefined ||
    flags?.startsWith('U') !== true
  )
    return undefined;
  return { name, destination, mask, metric: Number.parseInt(metric ?? '0', 10) || 0 };
}
