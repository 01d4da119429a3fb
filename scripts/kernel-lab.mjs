import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkGuestCapture } from './capture-lab.mjs';
import { quietEnvironment, root } from './environment.mjs';
import { run, secondsSince } from './steps.mjs';

const command = join(root, 'packages', 'cli', 'bin', 'quiesce.js');
const env = { COLUMNS: '120', NO_COLOR: '1' };
const SETUP_MS = 600_000;
const RUN_MS = 600_000;
const GUEST_START_MS = 300_000;
const { kernel, machine, strategies } = JSON.parse(
  readFileSync(join(root, 'scripts', 'kernel-lab.json'), 'utf8'),
);
const CRASH = ['lab', '--machine', machine, '--kernel', kernel, '--no-copy', '--runs', '1'];

const quiesce = (limitMs, ...args) => run([process.execPath, command, ...args], { env, limitMs });

/** Two captures, each held against the guest, and each assessed. */
const CAPTURE_CHECKS = 4;

/**
 * Crashes a real kernel under four strategies, from one snapshot, and compares with the model; takes captures in a guest and
 * holds them against its hardware; then ends a run in the middle, by SIGINT and by SIGKILL. Skipped, with the reason, where the lab cannot be set up.
 */
export async function checkKernelLab() {
  const doctor = await quiesce(60_000, 'lab', 'doctor');
  if (doctor.code !== 0) return skipped(firstLine(doctor.output, /MISSING/));
  const setup = await quiesce(SETUP_MS, 'lab', 'setup', '--kernel', kernel);
  if (setup.code !== 0) {
    const why = firstLine(setup.output, /./);
    return process.env.CI ? { passed: 0, failed: 1, output: setup.output } : skipped(why);
  }
  const results = [
    await strategiesAgree(),
    await captureIsTrue(),
    await leavesNothing('SIGINT'),
    await leavesNothing('SIGKILL'),
  ];
  return {
    passed: results.reduce((sum, one) => sum + one.passed, 0),
    failed: results.reduce((sum, one) => sum + one.failed, 0),
    // What agreed in all cells is long, and would hide what failed.
    output: results
      .filter(({ failed }) => failed > 0)
      .map(({ output }) => output)
      .join(''),
  };
}

function skipped(note) {
  return { passed: 0, failed: 0, skipped: strategies.length + 2 + CAPTURE_CHECKS, note, output: '' };
}

function firstLine(text, pattern) {
  return (text.split('\n').find((line) => pattern.test(line)) ?? text).trim();
}

/** One snapshot, four strategies. */
async function strategiesAgree() {
  const { output } = await quiesce(RUN_MS, ...CRASH, '--strategy', strategies.join(','), '--format', 'json');
  let reports = [];
  try {
    const json = output.slice(output.search(/^[[{]/m));
    reports = [JSON.parse(json.slice(0, json.search(/^[\]}]/m) + 1))]
      .flat()
      .flatMap((one) => one.reports ?? one);
  } catch {
    // What was printed says more.
  }
  const good = reports.filter(
    ({ totals, runs }) => runs.length === 1 && totals.agrees > 0 && totals.disagrees === 0,
  );
  return { passed: good.length, failed: strategies.length - good.length, output };
}

/** What the capture script takes in a guest is the guest. */
async function captureIsTrue() {
  try {
    return await checkGuestCapture({ machine, kernel });
  } catch (error) {
    return { passed: 0, failed: CAPTURE_CHECKS, output: `captures in a guest: ${error.message}\n` };
  }
}

/** A run that is ended while its guest boots leaves no process behind. */
async function leavesNothing(signal) {
  const lab = spawn(process.execPath, [command, ...CRASH, '--fresh'], {
    cwd: root,
    env: { ...quietEnvironment, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  lab.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const ended = new Promise((done) => lab.once('close', (code) => done(code)));
  const start = performance.now();
  const isRunning = () => lab.exitCode === null && lab.signalCode === null;
  let started = false;
  // Right after a snapshot was written, a slow disk can hold up whatever reads a file.
  while (!started && isRunning() && performance.now() - start < GUEST_START_MS) {
    await sleep(100);
    started = descendants(lab.pid).some(isQemu);
  }
  const waited = secondsSince(start);
  await sleep(1000);
  const family = descendants(lab.pid);
  const names = family.map(nameOf);
  lab.kill(signal);
  const code = await ended;
  let left = family;
  for (let tries = 0; tries < 100 && left.length > 0; tries++) {
    await sleep(100);
    left = left.filter((pid) => nameOf(pid) !== undefined && parentOf(pid) !== undefined && !isZombie(pid));
  }
  const good = started && left.length === 0 && (signal === 'SIGKILL' || code === 130);
  const output = [
    `${signal}: guest ${started ? 'started' : 'did not start'} within ${waited}, exit code ${code}`,
    `  processes at that time: ${names.join(', ') || 'none'}; left: ${left.map(nameOf).join(', ') || 'none'}`,
    ...said
      .trimEnd()
      .split('\n')
      .map((line) => `  ${line}`),
    '',
  ].join('\n');
  return { passed: good ? 1 : 0, failed: good ? 0 : 1, output };
}

const isQemu = (pid) => nameOf(pid)?.startsWith('qemu') === true;
const isZombie = (pid) => statOf(pid)?.[0] === 'Z';
const parentOf = (pid) => statOf(pid)?.[1];

function nameOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** State and parent. */
function statOf(pid) {
  try {
    const [state, parent] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return [state, Number(parent)];
  } catch {
    return undefined;
  }
}

function descendants(pid) {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  const children = all.filter((one) => parentOf(one) === pid);
  return [...children, ...children.flatMap(descendants)];
}
