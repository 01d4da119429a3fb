import { parseFunctionName } from '../../description/function-name.ts';
import { eachLine } from '../../import/input-limits.ts';
import { lastComponent } from '../machine-path.ts';
import type { FactText } from '../section-reader.ts';
import type { InterfaceDrafts } from './network-interfaces-of.ts';

const MAX_LINE = 2000;
const ipLink = /^\d{1,6}: ([^\s:@]{1,100})(?:@([^\s:]{1,100}))?: <[^>]{0,300}>(.{0,1500})$/;

/** Takes network interfaces from what `ip link`, `ip address` and `ethtool -i` print, and from `/proc/net/bonding`. */
export function takeToldInterfaces(facts: readonly FactText[], drafts: InterfaceDrafts): void {
  for (const fact of facts) {
    if (fact.kind !== 'network-interfaces') continue;
    const own = interfaceNamed(fact);
    eachLine(fact.text, (line, number) => {
      if (line.length > MAX_LINE) return;
      const place = { file: fact.file, line: fact.line + number - 1 };
      if (!takeIpLine(line, place, drafts) && own !== undefined) takeOwnLine(own, line, place, drafts);
    });
  }
}

type Place = { readonly file: string; readonly line: number };

/** `4: bond0.7@bond0: <BROADCAST,UP> mtu 1500 master br0 state UP` */
function takeIpLine(line: string, place: Place, drafts: InterfaceDrafts): boolean {
  const match = ipLink.exec(line);
  if (match === null) return false;
  const [, name, lower, rest] = match as unknown as [string, string, string | undefined, string];
  const draft = drafts.of(name);
  if (draft === undefined) return true;
  const state = / state ([A-Z]{1,20})/.exec(rest)?.[1];
  if (state !== undefined) draft.state ??= { value: state.toLowerCase(), ...place };
  const master = / master (\S{1,100})/.exec(rest)?.[1];
  if (master !== undefined) drafts.addOver(master, { value: name, ...place });
  // `@if7` is the other end of a pair, which may be in another name space.
  if (lower !== undefined && !/^(?:if\d+|NONE)$/.test(lower))
    drafts.addOver(name, { value: lower, ...place });
  return true;
}

/** Lines of a text that is about one interface. */
function takeOwnLine(name: string, line: string, place: Place, drafts: InterfaceDrafts): void {
  const [, key, value] =
    /^(bus-info|Slave Interface|Currently Active Slave): (\S{1,100})\s*$/.exec(line) ?? [];
  if (key === undefined || value === undefined) return;
  if (key === 'Slave Interface') drafts.addOver(name, { value, ...place });
  const draft = drafts.of(name);
  if (draft === undefined) return;
  if (key === 'Currently Active Slave' && value !== 'None') draft.active ??= { value, ...place };
  else if (key === 'bus-info' && parseFunctionName(value) !== undefined) {
    draft.found ??= { value: line.trim(), ...place };
    draft.function ??= value;
  }
}

/** `bond0` of `proc/net/bonding/bond0`, `eth0` of `ethtool -i eth0` and of the file `ethtool_-i_eth0`. */
function interfaceNamed({ path, file }: FactText): string | undefined {
  const name = path ?? lastComponent(file);
  return (
    /(?:^|\/)proc\/net\/bonding\/([^/]{1,100})$/.exec(name)?.[1] ??
    /ethtool[ _]-i[ _](\S{1,100})$/.exec(name)?.[1]
  );
}
