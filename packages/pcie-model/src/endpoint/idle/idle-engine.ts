import type { EndpointDescription } from '../endpoint-description.ts';
import { MasteringEngine } from '../mastering-engine.ts';

/** A function that never masters the bus and has no registers of its own. */
export class IdleEngine extends MasteringEngine<Record<string, number>> {
  constructor(description: EndpointDescription, seed: number) {
    super(description, seed, [], {});
  }

  protected override work(): void {
    this.state.workTime = Number.POSITIVE_INFINITY;
  }
}
