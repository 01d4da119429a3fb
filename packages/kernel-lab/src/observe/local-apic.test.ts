import { expect, it } from 'vitest';
import { vectorsInService } from './local-apic.ts';

it('reads the in-service register as the monitor writes it', () => {
  const text = 'dumping local APIC state for CPU 0 \r\n\r\nESR\t 0x00000000\r\nISR\t 58 \r\nIRR\t 48 55 \r\n';
  expect(vectorsInService(text)).toEqual([58]);
  expect(vectorsInService(text.replace('58', '58 49'))).toEqual([49, 58]);
  expect(vectorsInService(text.replace('58', '(none)'))).toEqual([]);
  expect(vectorsInService('')).toBeUndefined();
});
