import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { packageFolder } from './package-folder.ts';

/** A capture that the capture script took in a guest of the kernel lab (`scripts/capture-lab.mjs --into`), packed and plain. */
export interface GuestBundle {
  readonly packed: Uint8Array;
  readonly text: Uint8Array;
}

/** Captures of Intel and AMD guests, taken as root and as an ordinary user. */
export function guestBundles(): GuestBundle[] {
  const folder = join(packageFolder(), 'captures');
  return readdirSync(folder)
    .sort()
    .map((name) => {
      // Slices of a Buffer share its memory: those of plain bytes do not.
      const packed = new Uint8Array(readFileSync(join(folder, name)));
      return { packed, text: new Uint8Array(gunzipSync(packed)) };
    });
}
