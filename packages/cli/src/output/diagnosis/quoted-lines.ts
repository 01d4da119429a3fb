import type { Diagnosis } from '@quiesce/diagnose';

/** What the diagnosis kept of the log's lines, by line number, without their carriers. */
export function quotedLines(diagnosis: Diagnosis): ReadonlyMap<number, string> {
  const texts = new Map<number, string>();
  const add = (line: number, text: string | undefined): void => {
    if (text !== undefined && text !== '' && !texts.has(line)) texts.set(line, text);
  };
  for (const group of diagnosis.faults.groups) add(group.example.line, group.example.text);
  for (const fault of diagnosis.faults.first) add(fault.line, fault.text);
  for (const event of diagnosis.events) add(event.line, event.text);
  for (const kernel of diagnosis.kernels) {
    for (const { line, text } of kernel.inventory.lines) add(line, text);
    if (kernel.release !== undefined) add(kernel.firstLine, `(kernel ${kernel.release} begins)`);
  }
  return texts;
}
