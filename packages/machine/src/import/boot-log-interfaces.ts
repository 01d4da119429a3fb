import type { LineContext } from './boot-log-draft.ts';

/** `e1000e 0000:00:1f.6 eno1: …`: names that the kernel and udev give to Ethernet and InfiniBand. */
const LINE =
  /^[a-z][\w-]{0,40} ([0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]) ((?:eth\d|en[opsPx]|em\d|p\d{1,3}p|ib\d|ib[ops])\w{0,14}): (.*)$/;
const RENAMED = /^renamed from (\S{1,15})/;

/** Reads what the driver of a function says of its network interface: its name, and whether its link is up. */
export function readInterfaceLine(message: string, { boot, file, line }: LineContext): boolean {
  const [, name, own, text] = LINE.exec(message) ?? [];
  if (name === undefined || own === undefined || text === undefined) return false;
  const renamed = RENAMED.exec(text)?.[1];
  if (renamed !== undefined) boot.networkInterfaces.delete(renamed);
  const known = boot.networkInterfaces.get(own)?.function.value === name;
  if (!known) {
    boot.networkInterfaces.delete(own);
    boot.put(boot.networkInterfaces, own, { function: { value: name, file, line } });
  }
  const state = /\blink (?:is )?(up|down)\b/i.exec(text.slice(0, 200))?.[1]?.toLowerCase();
  const one = boot.networkInterfaces.get(own);
  if (one !== undefined && (state === 'up' || state === 'down'))
    boot.networkInterfaces.set(own, { ...one, state: { value: state, file, line } });
  return true;
}
