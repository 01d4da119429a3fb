export { tieRequesters } from './tie-requesters.ts';
