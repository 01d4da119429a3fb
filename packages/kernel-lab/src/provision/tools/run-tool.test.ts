import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { knownTools } from './known-tools.ts';
import { isProgram, missingTools } from './missing-tools.ts';
import { runTool } from './run-tool.ts';

it('gives a program its input and takes its output', async () => {
  expect(String(await runTool('cat', [], { input: Buffer.from('through') }))).toBe('through');
});

it('says what a program that failed said, and its last lines only', async () => {
  const failing = runTool('sh', ['-c', 'echo one >&2; echo two >&2; echo three >&2; echo four >&2; exit 3']);
  await expect(failing).rejects.toMatchObject({
    code: 'LAB_TOOL_FAILED',
    message: expect.stringContaining('sh failed: two; three; four'),
  });
});

it('ends a program that takes too long', async () => {
  await expect(runTool('sleep', ['600'], { timeoutMs: 50 })).rejects.toMatchObject({
    code: 'LAB_TOOL_FAILED',
  });
});

it('names the package of a program that is not here', async () => {
  const error = await runTool('/nowhere/kernel-lab-tool', []).catch((each) => each);
  expect(error).toMatchObject({ code: 'LAB_TOOL_MISSING' });
});

it('lists what is missing on a search path, with its package and its purpose', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'quiesce-tools-'));
  try {
    writeFileSync(join(directory, 'gcc'), '', { mode: 0o755 });
    writeFileSync(join(directory, 'xz'), '', { mode: 0o644 });
    const missing = (await missingTools(directory)).map(({ program }) => program);
    expect(missing).toEqual(knownTools.map(({ program }) => program).filter((program) => program !== 'gcc'));
    expect(await isProgram('gcc', `/nowhere:${directory}`)).toBe(true);
  } finally {
    rmSync(directory, { recursive: true });
  }
  for (const tool of knownTools) expect(tool.debianPackage && tool.purpose).toBeTruthy();
});
