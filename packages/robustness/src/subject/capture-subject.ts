import { importCapture, preset } from '@quiesce/machine';
import { crashLogs } from '../inputs/crash-logs.ts';
import { printedAcpi, printedIomem, printedLspci, tableOf } from '../inputs/printed-machine.ts';
import { sharedFiles } from '../inputs/shared-captures.ts';
import { joined } from '../mutation/mutate-bytes.ts';
import { lostFunction } from './lost-functions.ts';
import type { Subject } from './subject.ts';

/** A text file with everything of a machine in it: no function is lost in silence, and the file is among the sources. */
export const captureSubject: Subject = {
  name: 'capture',
  text: true,
  inputs: () => {
    const machine = preset('server-2012');
    const parts = [
      printedLspci(machine),
      printedAcpi([['DMAR', tableOf(machine)]]),
      printedIomem(machine),
      crashLogs()[0] as string,
    ];
    const [lspci, log] = [sharedFiles('machines', /^lspci-nn.txt/, 1), sharedFiles('machines', /^dmesg/, 2)];
    return [
      new TextEncoder().encode(parts.join('\n')),
      ...lspci.map((one) => joined(one, ...log)),
      ...sharedFiles('machines', /^lspci-tree|^dmesg/, 8),
    ];
  },
  take: (input) => {
    const { machine, sources, notes } = importCapture([{ path: 'all.txt', content: input }], { name: 'all' });
    if (sources.length === 0) return 'the file is not among the sources';
    const functions = new Set(machine?.functions.map((one) => one.name));
    return lostFunction(new TextDecoder().decode(input), functions, notes);
  },
};
