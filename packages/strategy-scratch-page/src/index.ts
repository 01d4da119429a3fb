export { default, type ScratchPageOptions, scratchPage } from './scratch-page.ts';
