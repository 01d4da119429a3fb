import type { PcieCase } from './case.ts';
import { compareAnswers } from './compare-answers.ts';
import { captureFunctions, firmwareCommands, resetQemu } from './firmware.ts';
import type { FunctionMasks } from './function-masks.ts';
import { ModelTree } from './model-tree.ts';
import { PairedAccess } from './paired-access.ts';
import { CasePlayer } from './play-case.ts';
import type { QtestChannel } from './qtest-channel.ts';
import { ask } from './qtest-channel.ts';
import { RegisterWitnesses } from './register-witnesses.ts';

/** What differs in which case of a round. */
export interface RoundDifference {
  readonly caseIndex: number;
  readonly summary: string;
}

/** The tree on both sides, and cases played on it. */
export class PcieOracle {
  readonly player: CasePlayer;
  readonly pair: PairedAccess;
  readonly #seen = new Map<string, number>();
  readonly #qtest: QtestChannel;

  private constructor(qtest: QtestChannel, model: ModelTree, witnesses: RegisterWitnesses) {
    this.#qtest = qtest;
    this.pair = new PairedAccess(model);
    this.player = new CasePlayer(this.pair, witnesses);
  }

  /** Makes the model of what QEMU has. @throws Error if a function of the tree is not there */
  static async open(qtest: QtestChannel): Promise<PcieOracle> {
    await ask(qtest, firmwareCommands());
    const model = new ModelTree(await captureFunctions(qtest));
    return new PcieOracle(qtest, model, await RegisterWitnesses.read(qtest));
  }

  /** Brings both sides to the state that firmware left. */
  async restart(): Promise<void> {
    const { pair } = this;
    await resetQemu(this.#qtest);
    pair.model.restore();
    pair.forget();
    // What QEMU's reset leaves as it is.
    for (const fn of this.player.functions) pair.compensate(fn, fn.description.bus);
    await ask(this.#qtest, [...firmwareCommands(), ...pair.commands]);
    pair.forget();
  }

  /**
   * Plays cases one after another, in one round; each begins where software can bring both sides back to.
   * `everything`: all functions are compared after each, not only those that a case names.
   */
  async round(cases: readonly PcieCase[], everything = false): Promise<RoundDifference | undefined> {
    const { pair, player } = this;
    pair.forget();
    const ends: number[] = [];
    for (const one of cases) {
      player.play(one);
      if (everything) player.lookAtAll();
      if (!this.#bringBack()) {
        // Only a reset of the whole machine helps: the round ends here, the next case begins anew.
        const difference = await this.#compare([...ends, pair.commands.length]);
        await this.restart();
        if (difference !== undefined) return difference;
        const rest = cases.slice(ends.length + 1);
        if (rest.length === 0) return undefined;
        const later = await this.round(rest, everything);
        return later === undefined ? undefined : { ...later, caseIndex: later.caseIndex + ends.length + 1 };
      }
      ends.push(pair.commands.length);
    }
    return this.#compare(ends);
  }

  /** Plays cases from a fresh start. Gives what differs, if anything does. */
  async alone(cases: readonly PcieCase[]): Promise<string | undefined> {
    await this.restart();
    return (await this.round(cases))?.summary;
  }

  /** How often a listed deviation was met since {@link forgetCounts}: seen in an answer, or kept out of a write. */
  occurrences(id: string): number {
    return (this.#seen.get(id) ?? 0) + (this.pair.left.get(id) ?? 0);
  }

  /** Counts of deviations and of what was done begin anew. */
  forgetCounts(): void {
    this.#seen.clear();
    this.pair.left.clear();
    this.player.forgetTally();
  }

  async #compare(ends: readonly number[]): Promise<RoundDifference | undefined> {
    const { pair } = this;
    const { commands, expectations } = pair;
    if (commands.length === 0) return undefined;
    const answers = await this.#qtest.send(`${commands.join('\n')}\n`, commands.length);
    const [first] = compareAnswers(answers, expectations, pair.masks, (id) => {
      this.#seen.set(id, (this.#seen.get(id) ?? 0) + 1);
    });
    pair.forget();
    if (first === undefined) return undefined;
    return { caseIndex: ends.findIndex((end) => first.index < end), summary: first.summary };
  }

  /** Writes back, as software can, whatever a case has changed. False if that does not suffice. */
  #bringBack(): boolean {
    const { pair } = this;
    const { model } = pair;
    if (model.fabric.type1.snapshot() !== 0) pair.portOut(0xcf8, 4, 0);
    for (const fn of this.player.functions) {
      const { bus } = fn.description;
      let changes = model.changesOf(fn);
      if (changes.length === 0) continue;
      if (model.at(bus, fn.devfn) !== fn) return false;
      // Windows and BARs before what enables them would do as well: nothing is under way.
      for (const { offset, value } of changes) pair.ecamOrder(bus, fn.devfn, offset, 4, value);
      changes = model.changesOf(fn, (pair.masks[fn.index] as FunctionMasks).uncompared);
      if (changes.length > 0) return false;
    }
    return true;
  }
}
