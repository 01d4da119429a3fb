import type { Nanoseconds, RunningHash, Snapshottable } from '@quiesce/simulation';

/** Reasons for which a bridge can hold its secondary side down; more than one may hold at a time. */
export const LinkDown = { reset: 1, disabled: 2, powerOff: 4, contained: 8 } as const;

export interface LinkStateData {
  readonly reasons: number;
  readonly downSince: Nanoseconds;
  readonly upSince: Nanoseconds;
  readonly changed: boolean;
}

/** The secondary side of a bridge. */
export class LinkState implements Snapshottable<LinkStateData> {
  /** Bits of {@link LinkDown}; 0 while the link is up. */
  reasons = 0;
  /** When the first of the present reasons came. */
  downSince: Nanoseconds = 0;
  /** When the last reason went. */
  upSince: Nanoseconds = 0;
  /** The link was down at least once: Link Status is no longer what was captured. */
  changed = false;

  get isDown(): boolean {
    return this.reasons !== 0;
  }

  /** Adds a reason; true if the link was up before. */
  hold(reason: number, now: Nanoseconds): boolean {
    const wasUp = this.reasons === 0;
    this.reasons |= reason;
    if (wasUp) this.downSince = now;
    this.changed = true;
    return wasUp;
  }

  /** Takes a reason away; true if that brings the link up. */
  release(reason: number, now: Nanoseconds): boolean {
    const wasDown = this.reasons !== 0;
    this.reasons &= ~reason;
    if (!wasDown || this.reasons !== 0) return false;
    this.upSince = now;
    return true;
  }

  snapshot(): LinkStateData {
    return {
      reasons: this.reasons,
      downSince: this.downSince,
      upSince: this.upSince,
      changed: this.changed,
    };
  }

  restore(state: LinkStateData): void {
    this.reasons = state.reasons;
    this.downSince = state.downSince;
    this.upSince = state.upSince;
    this.changed = state.changed;
  }

  hashInto(hash: RunningHash): void {
    hash.word(this.reasons);
    hash.number(this.downSince);
    hash.number(this.upSince);
    hash.word(this.changed ? 1 : 0);
  }
}
