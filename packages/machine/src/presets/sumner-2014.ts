import type { Machine, MachineFunction } from '../description/machine.ts';
import { q35Lab } from './q35-lab.ts';

/**
 * A stand-in for the machine of a report of 2014, q35-lab otherwise: nobody records sound, the card at 04:00.0 has a ring
 * of 1,024 buffers of 2 KiB, and frames come in at a pace at which the ring has come to the page at fff69000 when tables
 * are empty.
 */
export function sumner2014(): Machine {
  const lab = q35Lab();
  return {
    ...lab,
    name: 'sumner-2014',
    description: 'q35-lab with one busy card: a ring of 2 KiB buffers at 04:00.0, nobody records sound',
    functions: lab.functions.map(changed),
  };
}

function changed(one: MachineFunction): MachineFunction {
  if (one.endpoint.kind === 'cyclic-stream') return { ...one, driver: { first: false, second: true } };
  if (one.name !== '0000:04:00.0') return one;
  return {
    ...one,
    driver: { ...one.driver, queueDepth: 1024, bufferBytes: 2048 },
    endpoint: { ...one.endpoint, workload: { ...one.endpoint.workload, ratePerSecond: 72 } },
  };
}
