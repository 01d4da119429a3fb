import { endQuietlyOnClosedPipe } from './closed-pipe.ts';
import { runCommand } from './run-command.ts';

endQuietlyOnClosedPipe([process.stdout, process.stderr]);
process.exitCode = await runCommand(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  cwd: process.cwd(),
  columns: process.env.COLUMNS,
});
