import { describe, expect, it } from 'vitest';
import { runInProcess } from './testing/fake-io.ts';

describe("the user's mistakes are one line and exit code 2", () => {
  it.each([
    [['compare', '--strategy', 'nope'], 'there is no strategy "nope" (expected one of none,'],
    [['compare', '--strategy', 'a\nb\u001b[2J'], 'there is no strategy "a b?[2J"'],
    [['compare', '--kernel', 'nope'], 'there is no kernel profile "nope" (expected'],
    [['compare', '--first-kernel', 'nope'], 'there is no kernel profile "nope"'],
    [['compare', '--machine', 'nope'], 'no machine is named "nope" (expected q35-lab'],
    [['compare', '--seeds', '0'], '--seeds 0 is out of range'],
    [['compare', '--seeds', '1e3'], '--seeds 1e3 is out of range'],
    [['compare', '--workers', '-1'], '--workers -1 is out of range'],
    [['compare', '--require', 'nope'], '--require nope is not known (expected dump-saved'],
    [['compare', '--require', 'toString'], '--require toString is not known'],
    [['compare', '--option', 'abc'], '--option abc is not understood (expected STRATEGY.KEY=VALUE)'],
    [['compare', '--acpi', 'x'], '--acpi and --iomem go with --lspci'],
    [['compare', '--machine', 'q35-lab', '--lspci', 'x'], 'exclude each other'],
    [['compare', '--strategy', 'none,none'], 'names none twice'],
    [['compare', '--strategy', 'none,'], 'has an empty name'],
    [['compare', '--trace', ':1'], '--trace :1 is not understood (expected STRATEGY[:SEED])'],
    [['compare', '--machine', 'missing.json'], 'missing.json: cannot be read: there is no such file'],
    [['explain', '0x99'], '"0x99" is no fault reason'],
    [['compare', 'extra'], 'too many arguments'],
    [['compare', '--nope'], "unknown option '--nope'"],
    [['compare', '--format', 'xml'], 'Allowed choices are table, json, markdown'],
    [['nope'], "unknown command 'nope'"],
  ])('%j', async (argv, message) => {
    const { code, stdout, stderr } = await runInProcess(argv);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^quiesce: [^\n]+\n(\(quiesce --help[^\n]*\n)?$/);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });
});

describe('what there is', () => {
  it.each([
    [['machines'], 'q35-lab'],
    [['machines', 'q35-lab'], '19 functions'],
    [['kernels'], 'linux-3.10'],
    [['explain'], '0x05'],
    [['explain', '05'], '0x05'],
    [['--help'], 'compare'],
    [['--version'], '.'],
  ])('%j', async (argv, text) => {
    const { code, stdout, stderr } = await runInProcess(argv);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toContain(text);
  });

  it('a machine that was written as JSON can be read again', async () => {
    const { stdout } = await runInProcess(['machines', 'q35-lab', '--format', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({ schema: 'quiesce/machine/1', name: 'q35-lab' });
  });
});
