/** An invalidation that software may rely on once a step is done; a unit may do more (VT-d 6.5). */
export type Invalidation =
  | { readonly of: 'contexts' }
  | { readonly of: 'contexts'; readonly domain: number }
  /** `ignored`: bits of the function number that do not count. */
  | {
      readonly of: 'contexts';
      readonly domain: number;
      readonly requesterId: number;
      readonly ignored: number;
    }
  | { readonly of: 'pasids' }
  | { readonly of: 'pasids'; readonly domain: number }
  | { readonly of: 'translations' }
  | { readonly of: 'translations'; readonly domain: number }
  | {
      readonly of: 'translations';
      readonly domain: number;
      readonly address: number;
      readonly bytes: number;
    }
  | { readonly of: 'interrupts' }
  | { readonly of: 'interrupts'; readonly index: number; readonly count: number };
