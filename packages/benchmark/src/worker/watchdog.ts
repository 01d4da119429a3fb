import { RESIDENT_BYTES } from './memory-limits.ts';

const parent = process.ppid;

// A plugin in an endless loop hears neither that its parent has gone nor that memory is short; this thread does.
setInterval(() => {
  if (process.ppid !== parent || process.memoryUsage.rss() > RESIDENT_BYTES) {
    process.kill(process.pid, 'SIGKILL');
  }
}, 100);
