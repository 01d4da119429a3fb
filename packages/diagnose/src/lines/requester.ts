import type { LoggedRequester } from '../diagnosis.ts';

/** `00:02.0`, `0x00:0x02.0` (Linux 5.14), `0000:00:1e.6` (Xen, AMD); one or two opening brackets stand before it. */
const REQUESTER = /^(?:([0-9a-f]{4,5}):)?(?:0x)?([0-9a-f]{1,2}):(?:0x)?([0-9a-f]{1,2})\.(?:0x)?([0-9a-f])$/i;

/** A requester as a log prints it; a text if it is none, saying why. */
export function parseRequester(text: string): LoggedRequester | string {
  const found = REQUESTER.exec(text);
  if (found === null) return `[${text}] is no requester ID`;
  const device = Number.parseInt(found[3] as string, 16);
  const fn = Number.parseInt(found[4] as string, 16);
  if (device > 0x1f) return `device ${found[3]} of [${text}] does not exist: there are 0x20 on a bus`;
  if (fn > 7) return `function ${found[4]} of [${text}] does not exist: a device has eight`;
  return {
    ...(found[1] === undefined ? {} : { segment: Number.parseInt(found[1], 16) }),
    bus: Number.parseInt(found[2] as string, 16),
    device,
    fn,
  };
}
