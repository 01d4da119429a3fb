import {
  isDisplayClass,
  type PciDevice,
  restoreConfig,
  type SavedConfig,
  saveConfig,
  secondaryBusReset,
} from '@quiesce/strategy';

const ROOT_PORT = 4;
const DOWNSTREAM_PORT = 6;
const BRIDGE_CONTROL = 0x3e;
const SECONDARY_BUS_RESET = 1 << 6;
/** Trst is at least 1 ms (PCIe 7.5.1.3.13); Linux holds twice as long. */
const HOLD_MS = 2;

/** What a handler logs, waits and puts off with. */
export interface HandlerServices {
  log(line: string): void;
  delay(ms: number): void;
  schedule(ms: number, work: (ctx: HandlerServices) => void): void;
}

/** A root port or downstream port above PCIe endpoints, none of them a display. */
export function mayBeReset({ pcieType, children }: PciDevice, skipDisplay: boolean): boolean {
  if (pcieType !== ROOT_PORT && pcieType !== DOWNSTREAM_PORT) return false;
  return children.every(
    (each) =>
      each.headerType === 0 &&
      each.pcieType !== undefined &&
      !(skipDisplay && isDisplayClass(each.classCode)),
  );
}

/** Saves, resets, waits and restores while everything else stands still. */
export function resetNow(port: PciDevice, waitMs: number, ctx: HandlerServices): void {
  const saved = port.children.map(saveConfig);
  secondaryBusReset(port, ctx.delay);
  ctx.delay(waitMs);
  restoreAll(saved, ctx);
}

/** The same, with boot going on in the waits: drivers may be loading on the bus that is being reset. */
export function resetScheduled(port: PciDevice, waitMs: number, ctx: HandlerServices): void {
  ctx.schedule(0, (begin) => {
    const saved = port.children.map(saveConfig);
    const control = port.readConfig16(BRIDGE_CONTROL);
    port.writeConfig16(BRIDGE_CONTROL, control | SECONDARY_BUS_RESET);
    begin.schedule(HOLD_MS, (release) => {
      port.writeConfig16(BRIDGE_CONTROL, control & ~SECONDARY_BUS_RESET);
      release.schedule(waitMs, (end) => restoreAll(saved, end));
    });
  });
}

function restoreAll(saved: readonly SavedConfig[], { log }: HandlerServices): void {
  for (const each of saved) {
    if (!restoreConfig(each)) log(`pci ${each.device.name}: does not answer after the reset`);
  }
}
