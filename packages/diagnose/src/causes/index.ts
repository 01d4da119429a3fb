export { rankCauses } from './rank-causes.ts';
