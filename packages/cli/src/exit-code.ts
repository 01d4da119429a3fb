/** How the command ends. */
export const ExitCode = {
  done: 0,
  /** A property that `--require` asked for was violated. */
  violated: 1,
  /** The user's mistake: options, names, files. */
  usage: 2,
  /** The machine that the command runs on lacks something. */
  environment: 3,
} as const;
