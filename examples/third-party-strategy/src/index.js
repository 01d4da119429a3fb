export { default, parkAtD3hot } from './park-at-d3hot.js';
