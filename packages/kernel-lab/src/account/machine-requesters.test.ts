import { preset, segmentedName } from '@quiesce/machine';
import { expect, it } from 'vitest';
import { labTopology } from '../topologies/lab-topologies.ts';
import { machineRequesters } from './machine-requesters.ts';

it('functions send under their own ID, behind a PCIe-to-PCI bridge under that of its bus', () => {
  const express = machineRequesters(preset('q35-lab'));
  expect(express.every(({ name, requesterName: seenAs }) => name === `0000:${seenAs}`)).toBe(true);
  expect(express.filter(({ isBridge }) => isBridge)).toHaveLength(7);
  const conventional = machineRequesters(labTopology('q35-conventional'));
  const aliased = conventional.filter(({ name, requesterName: seenAs }) => name !== `0000:${seenAs}`);
  expect(aliased.length).toBeGreaterThan(1);
  const places = new Set(conventional.filter(({ isBridge }) => isBridge).map(({ name }) => name));
  for (const { requesterId, bus, requesterName: seenAs } of aliased) {
    // Of a bridge with an express capability the bus's device 0, of another one the bridge itself.
    expect(requesterId === bus << 8 || requesterId % 256 === 0 || places.has(`0000:${seenAs}`)).toBe(true);
  }
});

it('IDs are written as kernels write them', () => {
  expect(segmentedName(0, 0x82fe)).toBe('82:1f.6');
  expect(segmentedName(1, 0x0100)).toBe('0001:01:00.0');
});
