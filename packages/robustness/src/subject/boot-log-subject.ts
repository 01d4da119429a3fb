import { parseBootLog } from '@quiesce/machine';
import { crashLogs } from '../inputs/crash-logs.ts';
import { sharedFiles } from '../inputs/shared-captures.ts';
import type { Subject } from './subject.ts';

/** A boot log as a source of a machine: a kernel that names itself is read, or it is said why not. */
export const bootLogSubject: Subject = {
  name: 'boot-log',
  text: true,
  inputs: () => [
    ...crashLogs().map((one) => new TextEncoder().encode(one)),
    ...sharedFiles('machines', /^dmesg/, 12),
  ],
  take: (input) => {
    const log = parseBootLog(input, { file: 'dmesg' });
    const isBoot = /^\[ +0\.\d{6}\] Linux version \d/m.test(new TextDecoder().decode(input));
    return isBoot && log.boots.length + log.notes.length === 0 ? 'no kernel was read' : undefined;
  },
};
