/** A strategy as it can be handed to a worker: by module, not by value. */
export interface PluginReference {
  /** Name of the plugin, e.g. `none`; the row's label. */
  readonly name: string;
  /** URL of the module that exports it by default. */
  readonly module: string;
  /** As the user wrote them. */
  readonly options: Readonly<Record<string, unknown>>;
}
