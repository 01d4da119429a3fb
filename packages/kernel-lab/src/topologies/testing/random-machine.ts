import {
  e1000e,
  type FunctionPlan,
  hdAudio,
  i82801b11Bridge,
  ich9,
  type Machine,
  nvme,
  pciBridge,
  pciePciBridge,
  q35HostBridge,
  q35RootPort,
  uhci,
  xio3130Downstream,
  xio3130Upstream,
} from '@quiesce/machine';
import fc from 'fast-check';
import { labMachine } from '../lab-machine.ts';

/** Something that stands behind a port or a bridge; the place is given to it. */
type Piece = (at: { readonly device: number; serial(): number }) => FunctionPlan;

const DEEPEST = 3;

const audio: Piece = ({ device }) => hdAudio({ device, revision: 1 });

/** Devices of a conventional bus, and bridges to further ones. */
function conventional(depth: number): fc.Arbitrary<Piece> {
  if (depth >= DEEPEST) return fc.constant(audio);
  const bridge = fc.array(conventional(depth + 1), { maxLength: 2 }).map(
    (below): Piece =>
      (at) =>
        pciBridge({ device: at.device, chassis: at.serial(), below: placed(below, at, 1) }),
  );
  return fc.oneof({ weight: 2, arbitrary: fc.constant(audio) }, { weight: 1, arbitrary: bridge });
}

/** What is plugged into a slot: always device 0. */
function plugged(depth: number): fc.Arbitrary<Piece> {
  const device: fc.Arbitrary<Piece> = fc.constantFrom<Piece[]>(
    audio,
    ({ serial }) => e1000e({ serial: serial() }),
    () => nvme(),
  );
  if (depth >= DEEPEST) return device;
  const toPci = fc.array(conventional(depth + 1), { maxLength: 3 }).map(
    (below): Piece =>
      (at) =>
        pciePciBridge({ device: 0, below: placed(below, at, 1) }),
  );
  const inner = fc.array(fc.option(plugged(depth + 1), { nil: undefined }), { minLength: 1, maxLength: 3 });
  const switched = inner.map(
    (slots): Piece =>
      (at) =>
        xio3130Upstream({
          below: slots.map((piece, device) => {
            const below = piece === undefined ? [] : [piece({ ...at, device: 0 })];
            return xio3130Downstream({ device, slot: at.serial(), below });
          }),
        }),
  );
  return fc.oneof(
    { weight: 3, arbitrary: device },
    { weight: 1, arbitrary: toPci },
    { weight: 2, arbitrary: switched },
  );
}

const rootPiece: fc.Arbitrary<Piece> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.option(plugged(0), { nil: undefined }).map(
      (piece): Piece =>
        (at) =>
          q35RootPort({
            device: at.device,
            slot: at.serial(),
            below: piece === undefined ? [] : [piece({ ...at, device: 0 })],
          }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Piece[]>(
      audio,
      ({ device }) => uhci(device),
      ({ device, serial }) => e1000e({ device, integrated: true, serial: serial() }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.array(conventional(1), { maxLength: 3 }).map(
      (below): Piece =>
        (at) =>
          i82801b11Bridge({ device: at.device, below: placed(below, at, 1) }),
    ),
  },
);

/** Pieces at devices `first`, `first` + 1, …. */
function placed(pieces: readonly Piece[], at: Parameters<Piece>[0], first: number): FunctionPlan[] {
  return pieces.map((piece, index) => piece({ ...at, device: first + index }));
}

/** Machines of the lab's kind with up to six pieces on bus 0, each of which may be a tree. */
export const randomMachine: fc.Arbitrary<Machine> = fc
  .array(rootPiece, { minLength: 1, maxLength: 6 })
  .map((pieces) => {
    let last = 0;
    const at = { device: 0, serial: () => ++last };
    return labMachine({
      name: 'random',
      description: 'made up by a test',
      functions: [q35HostBridge(), ...placed(pieces, at, 1), ...ich9()],
      dumpTarget: '0000:00:1f.2',
    });
  });
