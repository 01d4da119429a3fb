import { UserError } from '@quiesce/simulation';
import { acpiSubject } from './acpi-subject.ts';
import { archiveSubject } from './archive-subject.ts';
import { bootLogSubject } from './boot-log-subject.ts';
import { bundleSubject } from './bundle-subject.ts';
import { captureSubject } from './capture-subject.ts';
import { dmarSubject } from './dmar-subject.ts';
import { iomemSubject } from './iomem-subject.ts';
import { carriedLogSubject, logSubject } from './log-subject.ts';
import { lspciSubject } from './lspci-subject.ts';
import type { Subject } from './subject.ts';

/** Everything that takes input of strangers. */
export const subjects: readonly Subject[] = [
  lspciSubject,
  iomemSubject,
  acpiSubject,
  dmarSubject,
  bootLogSubject,
  captureSubject,
  bundleSubject,
  archiveSubject,
  logSubject,
  carriedLogSubject,
].map(once);

/** @throws UserError `SUBJECT` */
export function findSubject(name: string): Subject {
  const found = subjects.find((one) => one.name === name);
  if (found !== undefined) return found;
  throw new UserError('SUBJECT', `there is no subject "${name}"`, {
    expected: subjects.map((one) => one.name).join(', '),
  });
}

/** Inputs are made when they are first needed, and once. */
function once(subject: Subject): Subject {
  let made: readonly Uint8Array[] | undefined;
  return {
    ...subject,
    inputs: () => {
      made ??= subject.inputs();
      return made;
    },
  };
}
