import type { RunFailure } from '../comparison/comparison.ts';

/** A strategy as it can be handed to a worker: by module, not by value. */
export interface PluginReference {
  /** The row's label: the plugin's name, or what the user called it. */
  readonly name: string;
  /** URL of the module that exports it by default. */
  readonly module: string;
  /** As the user wrote them. */
  readonly options: Readonly<Record<string, unknown>>;
  /**
   * Whether it may be served by a process that has served others: it does nothing to what they share. Saves the start of
   * a process for each. Default: no.
   */
  readonly trusted?: boolean;
  /** Why the module could not be loaded; all its runs fail with it and it is not loaded again. */
  readonly failure?: RunFailure;
}
