import { configureGlobal } from 'fast-check';

/**
 * Property tests draw the same cases in every run, so that a change is judged by what it changes.
 * `PROPERTY_SEED=$RANDOM npx vitest run --project unit` goes looking for others.
 */
configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? 2026) });
