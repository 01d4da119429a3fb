#!/usr/bin/env node
try {
  await import('../dist/main.js');
} catch (error) {
  if (error?.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  process.stderr.write(`quiesce: not built yet (${error.message.split('\n')[0]}); npm start sets it up\n`);
  process.exitCode = 3;
}
