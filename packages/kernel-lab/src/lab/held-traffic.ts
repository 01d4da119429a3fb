import type { QemuProcess } from '@quiesce/qemu-control';

/** Frames each second to each network card: a ring of 4,096 lasts for 80 s of the host, however busy that is. */
const FRAMES_PER_SECOND = 50;

/**
 * The frames that keep network cards' receive rings busy. They are held back from pci_iommu_init until translation is on
 * again: QEMU's e1000e takes a descriptor that reads as zeros for one without a buffer, goes on to the next, and is
 * through with its whole ring at the first frame that it reads without translation; nothing of it would be seen later.
 */
export class HeldTraffic {
  readonly #qemu: QemuProcess;

  constructor(qemu: QemuProcess) {
    this.#qemu = qemu;
    qemu.trace.onEvent(({ name, text }) => {
      if (name === 'vtd_dmar_enable' && text === 'enable 1') this.flow();
    });
  }

  flow(): void {
    for (const flood of Object.values(this.#qemu.networks)) flood.start(FRAMES_PER_SECOND);
  }

  hold(): void {
    for (const flood of Object.values(this.#qemu.networks)) flood.stop();
  }
}
