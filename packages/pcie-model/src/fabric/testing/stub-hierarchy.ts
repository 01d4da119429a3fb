import { RegisterFile, type ResetKind } from '@quiesce/simulation';
import type { FunctionDescription } from '../../topology/function-description.ts';

export class StubHierarchy {
  functions: any[];
  rootComplexes: any[];
  #command: any[] = [];
  #reset: any[] = [];
  dead = new Set<any>();
  machineHung: any;
  constructor(o: { functions: readonly FunctionDescription[]; rootComplexes: any[]; now: () => number }) {
    this.rootComplexes = o.rootComplexes;
    this.functions = o.functions.map((d, index) => {
      const file = new RegisterFile(4096, d.config);
      const find = (id: number): number => {
        let p = file.peek8(0x34);
        while (p) {
          if (file.peek8(p) === id) return p;
          p = file.peek8(p + 1);
        }
        return 0;
      };
      const type = find(0x10) ? (file.peek8(find(0x10) + 2) >> 4) & 15 : -1;
      const bridge = file.peek8(14) === 1;
      const kinds: any = { 0: 'endpoint', 4: 'root-port', 5: 'upstream-port', 6: 'downstream-port', 7: 'pcie-to-pci-bridge', 9: 'rc-integrated-endpoint', 10: 'rc-event-collector' };
      const h = (n: number): string => n.toString(16).padStart(2, '0');
      return {
        index, description: d, name: `0000:${h(d.bus)}:${h(d.device)}.${d.fn}`,
        kind: type < 0 ? (bridge ? 'conventional-bridge' : 'conventional') : kinds[type],
        config: { file, size: 4096, findCapability: find, findExtendedCapability: (id: number) => (file.peek16(0x100) === id ? 0x100 : 0) },
        requesterId: (d.bus << 8) | (d.device << 3) | d.fn, parent: undefined, children: [], engine: undefined,
      };
    });
    for (const f of this.functions) {
      f.parent = this.functions.find((p) => p.config.file.peek8(14) === 1 && p.config.file.peek8(0x19) === f.description.bus);
      f.parent?.children.push(f);
    }
  }
  byName(n: string): any { return this.functions.find((f) => f.name === n); }
  isOperational(f: any): boolean { return !this.dead.has(f); }
  configRead(_s: number, b: number, d: number, f: number, o: number, size: 1 | 2 | 4): number {
    return this.#at(b, d, f)?.config.file.read(o, size) ?? 2 ** (size * 8) - 1;
  }
  configWrite(_s: number, b: number, d: number, f: number, o: number, size: 1 | 2 | 4, v: number): void {
    const fn = this.#at(b, d, f);
    if (!fn) return;
    for (let i = 0; i < size; i++) fn.config.file.poke8(o + i, (v / 2 ** (8 * i)) & 255);
    if (o === 4) for (const c of this.#command) c(fn);
  }
  #at(b: number, d: number, f: number): any { return this.functions.find((x) => x.requesterId === ((b << 8) | (d << 3) | f)); }
  routeMemory(a: number): any {
    for (const fn of this.functions) {
      const bar = fn.config.file.peek32(0x10);
      if (bar && a >= bar && a < bar + 0x4000) return { fn, bar: 0, offset: a - bar };
    }
    return undefined;
  }
  routeIo(): any { return undefined; }
  onCommandWrite(c: any): void { this.#command.push(c); }
  onReset(c: (fn: any, kind: ResetKind) => void): void { this.#reset.push(c); }
}
