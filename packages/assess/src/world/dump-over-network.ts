import type { ImportedCapture } from '@quiesce/machine';

const REMOTE = /^(?:ssh|scp|sftp|nfs[34]?|net|ftp|cifs)(?::\/\/|\s)/;

/** A capture with the dump target that its kdump configuration means, and what was assumed for it. */
export interface RetargetedCapture {
  readonly imported: ImportedCapture;
  readonly assumed: readonly string[];
}

/**
 * Where kdump is configured to send the dump over the network, a network card is its target, not a disk: the first one that
 * has a driver and an engine. Everything else stays as it was imported.
 */
export function dumpOverNetwork(imported: ImportedCapture): RetargetedCapture {
  const { machine, host } = imported;
  const destination = host.dumpDestination;
  if (machine === undefined || destination === undefined || !REMOTE.test(destination.value.slice(0, 200))) {
    return { imported, assumed: [] };
  }
  const cards = machine.functions.filter(
    ({ endpoint, driver }) => endpoint.kind === 'network-ring' && driver.first,
  );
  // Bus Master Enable, bit 2 of the command register: a card that is up has it set.
  const card = cards.find(({ config }) => (Number.parseInt(config.slice(8, 10), 16) & 4) !== 0) ?? cards[0];
  const where = `${destination.file}${destination.line === undefined ? '' : ` line ${destination.line}`}`;
  if (card === undefined) {
    return {
      imported,
      assumed: [`The dump goes over the network (${where}), and no network card with a driver is known.`],
    };
  }
  return {
    imported: { ...imported, machine: { ...machine, dumpTarget: card.name } },
    assumed: [
      `The dump goes over the network (${where}): ${card.name} is taken for the card that it goes through.`,
    ],
  };
}
