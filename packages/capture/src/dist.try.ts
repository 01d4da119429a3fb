import { openCapture } from './open/open-capture.ts';

for (const p of process.argv.slice(2)) {
  const t = Date.now();
  try {
    const { files, notes } = await openCapture(p);
    console.log(
      p,
      files.length,
      files.reduce((n, f) => n + f.content.length, 0),
      Date.now() - t,
      'ms',
      process.memoryUsage().rss >> 20,
      files.slice(0, 4).map((f) => f.path),
      notes.slice(0, 5),
    );
  } catch (e) {
    console.log(p, String(e), e instanceof Error && e.name !== 'UserError' ? e.stack : '');
  }
}
