import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { captureScript } from '@quiesce/capture';
import { parseCaptureBundle } from '@quiesce/machine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runInProcess } from '../testing/fake-io.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quiesce-cli-'));
  mkdirSync(join(folder, 'root/proc'), { recursive: true });
  mkdirSync(join(folder, 'root/sys/bus/pci/devices/0000:00:02.0'), { recursive: true });
  writeFileSync(
    join(folder, 'root/proc/cmdline'),
    'root=UUID=6a1e5c3e-2f77-4a9a-9b1e-0d6c5f6d2a10 crashkernel=256M\n',
  );
  writeFileSync(join(folder, 'root/sys/bus/pci/devices/0000:00:02.0/config'), new Uint8Array(256));
  writeFileSync(join(folder, 'root/sys/bus/pci/devices/\u001b[2J'), '');
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('quiesce capture', () => {
  it('writes a file for its user alone, and says what is in it, what is not, and what next', async () => {
    const file = join(folder, 'out.json');
    const { code, stdout, stderr } = await runInProcess([
      'capture',
      '--root',
      join(folder, 'root'),
      '-o',
      file,
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(
      `${file}: PCI functions 1 (1 with more than 64 bytes of config space); no ACPI tables`,
    );
    expect(stdout).toContain('redacted uuid: 1');
    expect(stdout).toMatch(/there is no such file: proc\/version, proc\/iomem.* and \d+ more/s);
    expect(stdout).toContain(`next: quiesce assess ${file}`);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none may reach a terminal
    expect(stdout).not.toMatch(/\u001b\[2J/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const bundle = parseCaptureBundle(readFileSync(file, 'utf8'), { file });
    expect(bundle.files).toContainEqual({
      path: 'proc/cmdline',
      text: 'root=UUID=<uuid-1> crashkernel=256M\n',
    });
  });

  it('writes to standard output, unredacted if so asked', async () => {
    const argv = ['capture', '--root', join(folder, 'root'), '-o', '-', '--no-redact'];
    const { code, stdout, stderr } = await runInProcess(argv);
    expect(code).toBe(0);
    expect(stdout).toContain('6a1e5c3e-2f77');
    expect(JSON.parse(stdout)).toMatchObject({ schema: 'quiesce/capture/1', redacted: [] });
    expect(stderr).toContain('nothing was redacted');
  });

  it('prints the script that does the same', async () => {
    const { code, stdout } = await runInProcess(['capture', '--script']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: captureScript() });
  });

  it('does not replace what was there under the name that nobody chose', async () => {
    const cwd = join(folder, 'cwd');
    mkdirSync(cwd);
    const argv = ['capture', '--root', join(folder, 'root')];
    expect(await runInProcess(argv, 80, cwd)).toMatchObject({ code: 0, stderr: '' });
    expect(existsSync(join(cwd, 'quiesce-capture.json'))).toBe(true);
    const again = await runInProcess(argv, 80, cwd);
    expect(again.code).toBe(2);
    expect(again.stderr).toContain(
      'quiesce-capture.json: there is such a file already (expected the name of another',
    );
  });

  it('refuses a folder that is not there', async () => {
    const { code, stderr } = await runInProcess([
      'capture',
      '--root',
      join(folder, 'missing'),
      '-o',
      join(folder, 'x'),
    ]);
    expect(code).toBe(2);
    expect(stderr).toContain('missing: there is no such folder (expected');
    expect(existsSync(join(folder, 'x'))).toBe(false);
  });
});
