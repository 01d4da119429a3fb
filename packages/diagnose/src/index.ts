export { rankCauses } from './causes/index.ts';
export { type DiagnoseOptions, diagnoseLog, diagnoseText } from './diagnose-log.ts';
export * from './diagnosis.ts';
export { LogReader, type LogReaderOptions } from './log-reader.ts';
export { tieRequesters } from './ties/index.ts';
