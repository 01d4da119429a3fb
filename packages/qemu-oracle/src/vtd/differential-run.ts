import { Judge } from './judge.ts';
import { ModelDriver } from './model-driver.ts';
import { QemuDriver } from './qemu-driver.ts';
import type { Scenario } from './scenario.ts';
import type { TestedUnit } from './suite-parts.ts';

/** A unit on both sides: the model, a QEMU that runs, and the judge between them. */
export class DifferentialRun {
  readonly judge: Judge;
  readonly unit: TestedUnit;
  readonly #model: ModelDriver;
  readonly #qemu: QemuDriver;

  private constructor(unit: TestedUnit, qemu: QemuDriver) {
    this.unit = unit;
    this.judge = new Judge(unit.description, unit.deviations);
    this.#model = new ModelDriver(unit.description);
    this.#qemu = qemu;
  }

  /** Starts QEMU. @throws QemuError as `QemuProcess.start` */
  static async open(unit: TestedUnit): Promise<DifferentialRun> {
    return new DifferentialRun(unit, await QemuDriver.open(unit.description));
  }

  /** @returns what neither equality nor the specification nor a listed deviation explains, or undefined */
  async compare(scenario: Scenario): Promise<string | undefined> {
    const model = await this.#model.play(scenario);
    return this.judge.compare(scenario, model, await this.#qemu.play(scenario));
  }

  async close(): Promise<void> {
    await this.#qemu.close();
  }
}
