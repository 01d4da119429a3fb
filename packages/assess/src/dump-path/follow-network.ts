import type { HostFacts, NetworkInterface, NetworkRoute } from '@quiesce/machine';
import { driversBetween } from './drivers-between.ts';
import { MOST_DEVICES, type Trace } from './trace.ts';

/** Follows the way to a server to functions. True if it was found without assuming anything. */
export function followNetwork(server: string, host: HostFacts, trace: Trace): boolean {
  const all = new Map((host.networkInterfaces ?? []).map((one) => [one.name, one]));
  const routed = routeTo(server, host.networkRoutes ?? [], trace);
  if (routed !== undefined) {
    const { interfaceName } = routed.route;
    const start = all.get(interfaceName.value);
    const reached = start !== undefined && followInterface(start, all, trace);
    if (start === undefined) trace.assumed.push(`what ${interfaceName.value} is, is not in the capture`);
    if (trace.functions.length > 0) return reached && routed.certain;
  }
  const up = [...all.values()].filter((one) => one.function !== undefined);
  const first = up.find(({ state }) => state?.value === 'up') ?? up[0];
  if (first?.function === undefined) return false;
  trace.step(first.found, `${first.name} hangs on ${first.function}`);
  trace.reached(first.function);
  trace.assumed.push(`${first.name} is taken, the first interface on a PCI function`);
  return false;
}

/** The route with the longest mask, then the lowest metric, that leads to a server. */
function routeTo(
  server: string,
  routes: readonly NetworkRoute[],
  trace: Trace,
): { readonly route: NetworkRoute; readonly certain: boolean } | undefined {
  const address = numberOf(server);
  // A redacted capture keeps routes to the server beside default ones, without their addresses.
  const leading = routes.filter(
    ({ destination, mask }) =>
      (destination === 0 && mask !== 0) ||
      (address !== undefined && (address & mask) >>> 0 === destination && mask !== 0),
  );
  const usual = routes.filter(({ destination, mask }) => destination === 0 && mask === 0);
  const ofVersion = (six: boolean) => usual.filter(({ version }) => (version === 6) === six).sort(byMask);
  // Where the version is not known, IPv4 is what more servers are reached by.
  const isSix = server.includes(':');
  const best = [...leading.sort(byMask), ...ofVersion(isSix), ...ofVersion(!isSix)][0];
  if (best === undefined) return undefined;
  const certain = leading.length > 0 || address !== undefined || (isSix && best.version === 6);
  const { interfaceName: through } = best;
  trace.step(
    through,
    leading.length > 0
      ? `the route to the server leads through ${through.value}`
      : `the default route leads through ${through.value}`,
  );
  if (!certain)
    trace.assumed.push('the address of the server is not known: it is taken to be on the default route');
  return { route: best, certain };
}

function byMask(a: NetworkRoute, b: NetworkRoute): number {
  return b.mask - a.mask || a.metric - b.metric;
}

function numberOf(address: string): number | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(address)?.slice(1).map(Number);
  return parts?.reduce((all, part) => all * 256 + part, 0);
}

function followInterface(
  start: NetworkInterface,
  all: ReadonlyMap<string, NetworkInterface>,
  trace: Trace,
): boolean {
  const seen = new Set([start.name]);
  const open = [start];
  let whole = true;
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    if (next.function !== undefined) {
      trace.step(next.found, `${next.name} hangs on ${next.function}`);
      for (const one of driversBetween(next.name, next.found.value)) trace.layers.add(one);
      trace.reached(next.function);
      continue;
    }
    if (next.over.length === 0) {
      // A bridge has ports that belong to containers: they lead nowhere, and need not.
      if (next === start) whole = false;
      continue;
    }
    trace.layers.add(next.name);
    if (next.active !== undefined) trace.step(next.active, `${next.name} sends through ${next.active.value}`);
    for (const one of inOrder(next, all)) {
      trace.step(one, `${next.name} is over ${one.value}`);
      if (seen.has(one.value) || seen.size > MOST_DEVICES) continue;
      seen.add(one.value);
      const lower = all.get(one.value);
      if (lower !== undefined) open.push(lower);
    }
  }
  if (trace.functions.length === 0)
    trace.assumed.push(`what ${start.name} sends through is not in the capture`);
  return whole && trace.functions.length > 0;
}

/** Members of a bond: the one that it sends through now, those that are up, the others. */
function inOrder(
  { over, active }: NetworkInterface,
  all: ReadonlyMap<string, NetworkInterface>,
): NetworkInterface['over'] {
  const rank = (name: string): number =>
    name === active?.value ? 0 : all.get(name)?.state?.value === 'up' ? 1 : 2;
  return [...over].sort((a, b) => rank(a.value) - rank(b.value));
}
