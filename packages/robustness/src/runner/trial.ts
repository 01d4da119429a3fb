import { RandomStream, UserError } from '@quiesce/simulation';
import { mutate } from '../mutation/mutate.ts';
import type { Subject } from '../subject/subject.ts';

/** What went wrong in one trial. */
export interface Complaint {
  readonly subject: string;
  readonly seed: number;
  readonly trial: number;
  /** `threw` something that is no UserError; `lost` a piece in silence; `slow`; `hung`; `died` for want of memory. */
  readonly what: 'threw' | 'lost' | 'unplaced' | 'slow' | 'hung' | 'died';
  readonly message: string;
}

/** Seconds of processor time after which an input of at most some megabytes counts as hanging its reader. */
const SLOW_SECONDS = 5;

/** The damaged input of a trial; the same numbers give the same bytes. */
export function damagedInput(subject: Subject, seed: number, trial: number): Uint8Array {
  const inputs = subject.inputs();
  const random = new RandomStream(seed).split(`${subject.name} ${trial}`);
  const input = inputs[random.nextInteger(0, inputs.length - 1)] as Uint8Array;
  return mutate(input, { text: subject.text, others: inputs, random });
}

/** Gives a subject one damaged input. */
export async function tryOnce(subject: Subject, seed: number, trial: number): Promise<Complaint | undefined> {
  const about = { subject: subject.name, seed, trial };
  const input = damagedInput(subject, seed, trial);
  const before = process.cpuUsage();
  const complaint = await complaintOf(subject, input);
  const { user, system } = process.cpuUsage(before);
  const seconds = (user + system) / 1e6;
  if (complaint !== undefined) return { ...about, ...complaint };
  if (seconds < SLOW_SECONDS) return undefined;
  return { ...about, what: 'slow', message: `${seconds.toFixed(1)} s for ${input.length} bytes` };
}

async function complaintOf(
  subject: Subject,
  input: Uint8Array,
): Promise<Pick<Complaint, 'what' | 'message'> | undefined> {
  try {
    const lost = await subject.take(input);
    return lost === undefined ? undefined : { what: 'lost', message: lost };
  } catch (error) {
    if (!(error instanceof UserError)) {
      return {
        what: 'threw',
        message: error instanceof Error ? (error.stack ?? error.message) : String(error),
      };
    }
    return error.place.file === undefined ? { what: 'unplaced', message: error.message } : undefined;
  }
}
