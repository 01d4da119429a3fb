export { rankCauses } from './causes/index.ts';
export * from './diagnosis.ts';
export { tieRequesters } from './ties/index.ts';
