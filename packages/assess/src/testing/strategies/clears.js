const about = { name: 'clears', description: 'Clears Bus Master Enable everywhere.', sources: [] };
const clearAll = (ctx) => {
  for (const device of ctx.devices) {
    device.config.write16(0x04, device.config.read16(0x04) & ~4);
  }
};
export default { ...about, create: () => ({ ...about, crash: clearAll }) };
