import { PcieFunction } from '../../topology/pcie-function.ts';
import type { ResetKind } from '@quiesce/simulation';
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
    this.functions = o.functions.map((d, index) => new PcieFunction(index, d));
    for (const f of this.functions) {
      f.parent = this.functions.find(
        (p) => p.config.file.peek8(14) === 1 && p.config.file.peek8(0x19) === f.description.bus,
      );
      f.parent?.children.push(f);
    }
  }
  byName(n: string): any {
    return this.functions.find((f) => f.name === n);
  }
  isOperational(f: any): boolean {
    return !this.dead.has(f);
  }
  configRead(_s: number, b: number, d: number, f: number, o: number, size: 1 | 2 | 4): number {
    return this.#at(b, d, f)?.config.file.read(o, size) ?? 2 ** (size * 8) - 1;
  }
  configWrite(_s: number, b: number, d: number, f: number, o: number, size: 1 | 2 | 4, v: number): void {
    const fn = this.#at(b, d, f);
    if (!fn) return;
    fn.config.write(o, size, v);
    for (const c of this.#command) c(fn);
  }
  #at(b: number, d: number, f: number): any {
    return this.functions.find((x) => x.requesterId === ((b << 8) | (d << 3) | f));
  }
  routeMemory(a: number): any {
    for (const fn of this.functions) {
      const bar = fn.config.file.peek32(0x10);
      if (bar && a >= bar && a < bar + 0x4000) return { fn, bar: 0, offset: a - bar };
    }
    return undefined;
  }
  routeIo(): any {
    return undefined;
  }
  onCommandWrite(c: any): void {
    this.#command.push(c);
  }
  onReset(c: (fn: any, kind: ResetKind) => void): void {
    this.#reset.push(c);
  }
}
