import { preset } from '@quiesce/machine';
import { expect, it } from 'vitest';
import { dumpOverNetwork } from './dump-over-network.ts';
import { noHostFacts, withoutHost } from './simulated-world.ts';

const configured = (value: string): ReturnType<typeof dumpOverNetwork> =>
  dumpOverNetwork({
    ...withoutHost(preset('q35-lab')),
    host: { ...noHostFacts(), dumpDestination: { value, file: 'etc/kdump.conf', line: 4 } },
  });

it.each(['ssh root@[HOST] /var/crash', 'nfs [HOST]:/export', 'ftp://[HOST]/dumps'])(
  '%s needs a card',
  (value) => {
    const { imported, assumed } = configured(value);
    expect(imported.machine?.dumpTarget).toBe('0000:00:04.0');
    expect(assumed.join()).toContain('etc/kdump.conf line 4');
  },
);

it.each(['/var/crash', 'ext4 UUID=[UUID] /crash', 'file:///var/log/dump', ''])('%s does not', (value) => {
  expect(configured(value).imported.machine?.dumpTarget).toBe('0000:05:00.0');
});
