import { fileURLToPath } from 'node:url';
import manifest from '../../package.json' with { type: 'json' };

/** The strategies that the command brings along, in the order in which a table shows them: data of its manifest. */
export const ownStrategies: readonly string[] = manifest.quiesce.strategies;

/** Where they are looked up from. */
export const ownFolder: string = fileURLToPath(new URL('.', import.meta.url));
