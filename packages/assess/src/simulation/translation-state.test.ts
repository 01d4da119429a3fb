import type { HostFacts } from '@quiesce/machine';
import { expect, it } from 'vitest';
import { noHostFacts } from '../world/simulated-world.ts';
import { translationState } from './translation-state.ts';

const host = (facts: Partial<HostFacts>): HostFacts => ({ ...noHostFacts(), ...facts });
const said = (value: string): { value: string; file: string; line: number } => ({
  value,
  file: 'dmesg',
  line: 7,
});

it('believes the boot log first, then groups, then the command line', () => {
  const line = said('DMAR: Intel(R) Virtualization Technology for Directed I/O');
  expect(translationState(host({ remappingLines: [line] }))).toMatchObject({
    state: 'on',
    evidence: [{ source: 'dmesg line 7' }],
  });
  expect(translationState(host({ iommuGroups: { '0000:00:1f.2': { value: 3, file: 'sys' } } })).state).toBe(
    'on',
  );
  expect(translationState(host({ commandLine: said('ro intel_iommu=on') })).state).toBe('on');
  expect(translationState(host({ commandLine: said('ro intel_iommu=on intel_iommu=off') })).state).toBe(
    'off',
  );
});

it('does not know what nobody says', () => {
  expect(translationState(host({ commandLine: said('ro quiet iommu=pt') })).state).toBe('unknown');
  expect(translationState(host({ remappingLines: [said('DMAR: Host address width 46')] })).state).toBe(
    'unknown',
  );
});
