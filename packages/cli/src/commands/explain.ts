import { UserError } from '@quiesce/simulation';
import { type FaultReason, faultReason, faultReasons } from '@quiesce/vtd-iommu';
import type { Command } from 'commander';
import pc from 'picocolors';
import { wrapText } from '../output/wrap-text.ts';
import type { CommandIo } from '../program.ts';

/** `quiesce explain FAULT-REASON` */
export function addExplain(program: Command, io: CommandIo): void {
  program
    .command('explain')
    .description('what a fault reason of VT-d means: 0x05, or 05 as kernels before 5.14 print it (decimal)')
    .argument('[reason]', 'fault reason; all are listed without one')
    .action((given: string | undefined) => {
      if (given === undefined) {
        for (const reason of faultReasons) io.stdout.write(`${hex(reason.code)}  ${reason.text}\n`);
        return;
      }
      const reason = readReason(given);
      io.stdout.write(`${pc.bold(hex(reason.code))} ${reason.text}\n`);
      io.stdout.write(`  in old logs: fault reason ${String(reason.code).padStart(2, '0')}\n`);
      io.stdout.write(wrapText(reason.meaning, 80, '  '));
      io.stdout.write(wrapText(`After a crash: ${reason.afterCrash}`, 80, '  '));
      io.stdout.write(`  VT-d specification, ${reason.section}\n`);
    });
}

function readReason(given: string): FaultReason {
  const known = /^(0x[0-9a-f]{1,2}|\d{1,3})$/i.test(given) ? faultReason(Number(given)) : undefined;
  if (known !== undefined) return known;
  throw new UserError('FAULT_REASON', `"${given}" is no fault reason of VT-d`, {
    expected: '0x01 to 0x90, or decimal as in old logs; quiesce explain lists them',
  });
}

function hex(code: number): string {
  return `0x${code.toString(16).padStart(2, '0')}`;
}
