export { type BlockAllOptions, blockAll, default } from './block-all.ts';
