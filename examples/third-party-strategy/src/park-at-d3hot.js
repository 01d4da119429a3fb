// @ts-check
import { defineStrategy, optionsSchema } from '@quiesce/strategy';

const CAPABILITY_POWER_MANAGEMENT = 0x01;
/** Offset of PMCSR in the capability, and its fields (PCI Power Management 1.2, 3.2.4). */
const CONTROL_STATUS = 4;
const POWER_STATE = 0x0003;
const D3HOT = 0x0003;
const BASE_CLASS_DISPLAY = 0x03;

const options = optionsSchema({
  displays: {
    type: 'boolean',
    default: false,
    description: 'Park display devices, too; the monitor goes dark.',
  },
  settleMs: {
    type: 'integer',
    default: 10,
    minimum: 10,
    maximum: 1000,
    description: 'Wait after the last device was told; D3hot takes up to 10 ms.',
  },
});

const about = {
  name: 'park-at-d3hot',
  description: 'Puts every PCIe endpoint into D3hot between PCI enumeration and the IOMMU.',
  sources: ['PCI Bus Power Management Interface Specification 1.2, 5.4: D3hot'],
};

/**
 * A function in D3hot masters no bus and sends no MSI, and its driver knows how to wake it: drivers do that at every
 * resume. Nothing is reset, so nothing has to be saved.
 */
export const parkAtD3hot = defineStrategy({
  ...about,
  options,
  create: () => ({
    ...about,
    initcalls: [{ level: 'fs_sync', name: 'park_pcie_endpoints', run: parkEndpoints }],
  }),
});

export default parkAtD3hot;

/** @param {import('@quiesce/strategy').InitcallContext<'fs_sync', { displays: boolean, settleMs: number }>} ctx */
function parkEndpoints(ctx) {
  let parked = 0;
  for (const device of ctx.devices) {
    if (device.headerType !== 0 || device.pcieType === undefined) continue;
    if (device.classCode >>> 16 === BASE_CLASS_DISPLAY && !ctx.options.displays) continue;
    const capability = device.findCapability(CAPABILITY_POWER_MANAGEMENT);
    if (capability === 0) {
      ctx.log(`pci ${device.name}: cannot sleep`);
      continue;
    }
    const control = device.readConfig16(capability + CONTROL_STATUS);
    device.writeConfig16(capability + CONTROL_STATUS, (control & ~POWER_STATE) | D3HOT);
    parked++;
  }
  if (parked > 0) ctx.delay(ctx.options.settleMs);
  ctx.log(`parked ${parked} PCIe endpoints in D3hot`);
}
