import type { DeviceList, Type1ConfigAccess } from '@quiesce/strategy';

const BUSES = 256;

/** A function whose Command register can be reached, however that is done. */
export interface ConfigFunction {
  /** `0000:01:00.0` */
  readonly name: string;
  /** A port or bridge: its Bus Master Enable gates what comes from below it. */
  readonly isBridge: boolean;
  readCommand(): number;
  writeCommand(value: number): void;
}

const COMMAND = 0x04;

/** Every function of segment 0 that answers to type 1 accesses; what is below a bridge comes after it. */
export function scanFunctions(type1: Type1ConfigAccess): ConfigFunction[] {
  const found: ConfigFunction[] = [];
  for (let bus = 0; bus < BUSES; bus++) {
    for (let device = 0; device < 32; device++) {
      for (let fn = 0; fn < 8; fn++) {
        const vendor = type1.read16(bus, device, fn, 0);
        const answers = vendor !== 0xffff && vendor !== 0;
        if (!answers && fn === 0) break;
        if (!answers) continue;
        const headerType = type1.read8(bus, device, fn, 0x0e);
        found.push({
          name: `0000:${hex2(bus)}:${hex2(device)}.${fn}`,
          isBridge: (headerType & 0x7f) === 1,
          readCommand: () => type1.read16(bus, device, fn, COMMAND),
          writeCommand: (value) => type1.write16(bus, device, fn, COMMAND, value),
        });
        if (fn === 0 && (headerType & 0x80) === 0) break;
      }
    }
  }
  return found;
}

/** Every function that enumeration has found; what is below a bridge comes after it. */
export function listFunctions(devices: DeviceList): ConfigFunction[] {
  return [...devices].map((device) => ({
    name: device.name,
    isBridge: device.headerType === 1,
    readCommand: () => device.readConfig16(COMMAND),
    writeCommand: (value) => device.writeConfig16(COMMAND, value),
  }));
}

function hex2(value: number): string {
  return value.toString(16).padStart(2, '0');
}
