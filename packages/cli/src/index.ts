export { ExitCode } from './exit-code.ts';
export { buildProgram, type CommandIo } from './program.ts';
export { runCommand } from './run-command.ts';
