/** A reason of scalable mode as one row of a table. */
export type ScalableRow = readonly [
  code: number,
  qualified: boolean,
  /** Name of the condition in the table of VT-d 7.1.3. */
  condition: string,
  text: string,
  meaning: string,
  afterCrash: string,
];
