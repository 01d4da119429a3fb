export * from './faults/index.ts';
export * from './tables/index.ts';
