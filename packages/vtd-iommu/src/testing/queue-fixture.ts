import { assert } from '@quiesce/simulation';
import { registerOffset } from '../registers/register-block.ts';
import type { UnitFixture } from './unit-fixture.ts';

/** An invalidation queue as a driver runs it. */
export class QueueFixture {
  readonly address: number;
  readonly step: number;
  readonly bytes: number;
  readonly #fixture: UnitFixture;
  #tail = 0;

  constructor(fixture: UnitFixture, wide: boolean, order: number) {
    this.#fixture = fixture;
    this.address = 0x60_0000;
    this.step = wide ? 32 : 16;
    this.bytes = 4096 * 2 ** order;
    fixture.unit.writeWide(registerOffset.IQT, 0, 0);
    fixture.unit.writeWide(registerOffset.IQA, this.address | (wide ? 0x800 : 0) | order, 0);
    fixture.enable(0x0400_0000);
  }

  /** Puts descriptors into the ring and moves the tail. */
  submit(...descriptors: (readonly number[])[]): void {
    for (const words of descriptors) {
      assert(words.length <= this.step / 4, 'too long for this queue');
      for (let i = 0; i < this.step / 4; i++) {
        this.#fixture.memory.write32(this.address + this.#tail + 4 * i, words[i] ?? 0, 0);
      }
      this.#tail = (this.#tail + this.step) % this.bytes;
    }
    this.#fixture.unit.writeRegister32(registerOffset.IQT, this.#tail);
  }

  get head(): number {
    return this.#fixture.unit.readRegister32(registerOffset.IQH);
  }

  get tail(): number {
    return this.#tail;
  }
}
