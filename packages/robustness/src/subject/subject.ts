/** Something that takes input of strangers. */
export interface Subject {
  readonly name: string;
  /** Lines of text, or bytes. */
  readonly text: boolean;
  /** Sound inputs, which are damaged. */
  readonly inputs: () => readonly Uint8Array[];
  /**
   * Takes one input.
   * @returns what is wrong with what came of it, e.g. something of the input that is neither in the result nor reported;
   * undefined if nothing is
   * @throws UserError for an input that is refused; anything else is a defect
   */
  readonly take: (input: Uint8Array) => string | undefined | Promise<string | undefined>;
}
