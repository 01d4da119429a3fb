import type { Machine } from '@quiesce/machine';
import type { HookName } from '@quiesce/strategy';
import type { HookReport } from '../hook-report.ts';
import type { HookSituation } from '../hook-situation.ts';

/** What a strategy's process is told to do. */
export type Order =
  | {
      readonly type: 'start';
      /** URL of the module. */
      readonly module: string;
      readonly options: unknown;
      readonly commandLine: readonly string[];
      readonly machine: Machine;
      readonly limits: { readonly accesses: number; readonly waitMs: number };
    }
  | { readonly type: 'run'; readonly hook: HookName; readonly situation: HookSituation }
  | { readonly type: 'run-scheduled'; readonly id: number; readonly situation: HookSituation };

/** What a strategy's process answers. */
export type OrderAnswer =
  | {
      readonly type: 'started';
      readonly name: string;
      readonly hooks: readonly HookName[];
      readonly kernelParameters: readonly string[];
    }
  | { readonly type: 'report'; readonly report: Omit<HookReport, 'lines'> }
  /** A user's mistake, by its code. */
  | { readonly type: 'refused'; readonly code: string; readonly message: string };

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function encodeMessage(message: Order | OrderAnswer): Uint8Array {
  return encoder.encode(JSON.stringify(message));
}

export function decodeMessage<Message extends Order | OrderAnswer>(body: Uint8Array): Message {
  return JSON.parse(decoder.decode(body)) as Message;
}
