// Builds half an entry, says so, and waits to be killed.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Cache } from '../cache.ts';

const [directory, key] = process.argv.slice(2);
await new Cache(directory).entry(key!, async (building) => {
  await writeFile(join(building, 'half'), 'half');
  console.log('half');
  await new Promise((resolve) => setTimeout(resolve, 600_000));
});
