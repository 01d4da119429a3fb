import { importMachine, preset, presets } from '@quiesce/machine';
import { capturedMachines } from '../../machine/src/testing/captures.ts';
import { functionFindings } from './functions/function-findings.ts';

const only = process.argv[2];
for (const { name, capture } of capturedMachines()) {
  if (only && name !== only) continue;
  const machine = importMachine(capture, { name });
  const t = performance.now();
  const f = functionFindings(machine);
  console.log('=====', name, f.length, (performance.now() - t) | 0, 'ms');
  for (const one of f) {
    if (one.isBridge || !one.masters) continue;
    console.log(
      one.severity.padEnd(8),
      one.name,
      one.id,
      one.className,
      one.coverage.unit ?? '-',
      one.coverage.by,
      one.interrupt,
      one.requesterIds.join(','),
      one.path.join('>'),
      one.role ?? '',
      one.resets.map((r) => r.kind + (r.via ? '@' + r.via : '') + '[' + r.collateral.length + ']').join(' '),
    );
    if (only)
      for (const s of one.statements)
        console.log(
          '      ',
          s.severity,
          s.topic,
          s.text,
          s.evidence.map((e) => `\n           <${e.source}> ${e.text}`).join(''),
        );
  }
}
for (const name of ['server-2012', 'sriov-2020', 'epyc-2025', 'arm-server-2026'])
  console.log(
    name,
    functionFindings(preset(name)).length,
    preset(name).units.map((u) => u.architecture),
  );
