/** How the command ends. */
export const ExitCode = {
  done: 0,
  /** A property that `--require` asked for was violated; a kernel did what the model does not say; a regression. */
  violated: 1,
  /** The user's mistake: options, names, files. */
  usage: 2,
  /** The machine that the command runs on lacks something. */
  environment: 3,
  /** Somebody ended it: 128 and the number of SIGINT. */
  interrupted: 130,
} as const;
