declare module 'seek-bzip' {
  /** @throws Error on damage, and whatever `output` throws */
  function decode(input: Buffer, output: { writeByte(byte: number): void }, multistream: boolean): void;
  const bunzip: { decode: typeof decode };
  export default bunzip;
}
