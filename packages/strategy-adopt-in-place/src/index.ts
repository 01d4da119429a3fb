export { type AdoptOptions, adoptInPlace, default } from './adopt-in-place.ts';
