import type { AccessSize } from '@quiesce/simulation';

/** Through which mechanism configuration space is accessed. */
export type Way = 'ecam' | 'ports';

/** One step of a case: plain data, so that it can be kept in the corpus and shrunk. */
export type Step =
  | {
      readonly op: 'read' | 'write';
      readonly way: Way;
      readonly bus: number;
      readonly devfn: number;
      readonly offset: number;
      readonly size: AccessSize;
      /** 0 for reads. */
      readonly value: number;
    }
  /** A port of mechanism #1 by itself. */
  | { readonly op: 'in' | 'out'; readonly port: number; readonly size: AccessSize; readonly value: number }
  /** Secondary bus reset by the bridge, set and cleared. */
  | { readonly op: 'secondary-bus-reset'; readonly of: string }
  /** Function level reset, of a function that has it. */
  | { readonly op: 'function-level-reset'; readonly of: string }
  /** D3hot and back to D0, of a function that has power management. */
  | { readonly op: 'd3hot'; readonly of: string }
  /** The slot of a port loses power, its device is asked for, and has power again. */
  | { readonly op: 'power-cycle'; readonly of: string }
  /** Bus numbers of a bridge, wherever it now is. */
  | { readonly op: 'number'; readonly of: string; readonly secondary: number; readonly subordinate: number }
  /** All bridges are given back the bus numbers that firmware gave them. */
  | { readonly op: 'renumber' }
  /** A function is given back the windows and BARs that firmware gave it. */
  | { readonly op: 'configure'; readonly of: string }
  /** A function, and every bridge above that can be reached, decodes memory and ports, and masters the bus. */
  | { readonly op: 'open'; readonly of: string }
  /** The register behind a BAR is read wherever that BAR now is, and `distance` bytes from there. */
  | { readonly op: 'probe'; readonly of: string; readonly bar: number; readonly distance: number };

/** What is looked at in the end: all of a function's config space, who answers on which bus, or who at which address. */
export type Look = 'registers' | 'routing' | 'memory';

/** A sequence of accesses from the state that firmware left. */
export interface PcieCase {
  readonly look: Look;
  /** Ids of functions whose config space is compared in full. */
  readonly functions: readonly string[];
  readonly steps: readonly Step[];
}
