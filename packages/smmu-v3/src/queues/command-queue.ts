import type { Address, RegisterFile } from '@quiesce/simulation';
import type { ConfigurationCache } from '../cache/configuration-cache.ts';
import { stage1Key, stage2Key, type TranslationCache } from '../cache/translation-cache.ts';
import { GlobalError, type GlobalErrors } from '../events/global-errors.ts';
import type { Features } from '../registers/features.ts';
import { registerOffset } from '../registers/register-block.ts';
import { CommandOpcode } from '../tables/command.ts';
import type { TableAccess } from '../walk/table-access.ts';
import { position, queueAddress, queueLog2 } from './queue-indexes.ts';

const CMDQEN = 8;

/** CMDQ_CONS.ERR (SMMUv3 7.1). */
export const CommandError = { none: 0, illegal: 1, abort: 2, deviceTlb: 3 } as const;

/** Carries an invalidation to a device's own translations; false if the device does not answer. */
export type DeviceTlbInvalidation = (streamId: number, address: Address, bytes: number) => boolean;

/** Consumes commands at once, as long as the queue is on and no command error is waiting (SMMUv3 3.5, 4). */
export class CommandQueue {
  /** A device did not answer an invalidation: the next CMD_SYNC fails. */
  deviceTimedOut = false;
  readonly #registers: RegisterFile;
  readonly #access: TableAccess;
  readonly #errors: GlobalErrors;
  readonly #features: Features;
  readonly #configurations: ConfigurationCache;
  readonly #translations: TranslationCache;
  readonly #onDeviceTlbInvalidate: DeviceTlbInvalidation | undefined;

  constructor(parts: {
    readonly registers: RegisterFile;
    readonly access: TableAccess;
    readonly errors: GlobalErrors;
    readonly features: Features;
    readonly configurations: ConfigurationCache;
    readonly translations: TranslationCache;
    readonly onDeviceTlbInvalidate: DeviceTlbInvalidation | undefined;
  }) {
    this.#registers = parts.registers;
    this.#access = parts.access;
    this.#errors = parts.errors;
    this.#features = parts.features;
    this.#configurations = parts.configurations;
    this.#translations = parts.translations;
    this.#onDeviceTlbInvalidate = parts.onDeviceTlbInvalidate;
  }

  /** Goes on from CMDQ_CONS to CMDQ_PROD. */
  run(): void {
    const registers = this.#registers;
    const { memory, accessFails, addressLimit } = this.#access;
    const log2 = queueLog2(registers, registerOffset.CMDQ_BASE, this.#features.largestCommandQueue);
    const wrap = 2 ** (log2 + 1);
    while ((registers.peek32(registerOffset.CR0ACK) & CMDQEN) !== 0) {
      if (this.#errors.isActive(GlobalError.commandQueue)) return;
      const cons = position(registers.peek32(registerOffset.CMDQ_CONS), log2);
      if (cons === position(registers.peek32(registerOffset.CMDQ_PROD), log2)) return;
      const at = queueAddress(registers, registerOffset.CMDQ_BASE) + (cons % 2 ** log2) * 16;
      const aborted = at >= addressLimit || accessFails(at);
      const error = aborted
        ? CommandError.abort
        : this.#execute(
            memory.read32(at),
            memory.read32(at + 4),
            memory.read32(at + 8),
            memory.read32(at + 12),
          );
      if (error !== CommandError.none) {
        // CONS stays at the command that failed.
        registers.poke32(registerOffset.CMDQ_CONS, cons + error * 0x100_0000);
        this.#errors.raise(GlobalError.commandQueue);
        return;
      }
      registers.poke32(registerOffset.CMDQ_CONS, (cons + 1) % wrap);
    }
  }

  #execute(word0: number, word1: number, word2: number, word3: number): number {
    const translations = this.#translations;
    const configurations = this.#configurations;
    const asid = word1 >>> 16;
    const vmid = word1 & 0xffff;
    const address = word3 * 0x1_0000_0000 + ((word2 & 0xffff_f000) >>> 0);
    switch (word0 & 0xff) {
      case CommandOpcode.prefetchConfig:
      case CommandOpcode.prefetchAddress:
        return CommandError.none;
      case CommandOpcode.invalidateStream:
        configurations.invalidateStreams(word1, 0);
        return CommandError.none;
      case CommandOpcode.invalidateStreams: {
        const range = word2 & 0x1f;
        if (range === 31) configurations.invalidateAll();
        else configurations.invalidateStreams(word1, range + 1);
        return CommandError.none;
      }
      case CommandOpcode.invalidateContext:
        configurations.invalidateContext(word1, (word0 & 0x800) !== 0 ? word0 >>> 12 : 0);
        return CommandError.none;
      case CommandOpcode.invalidateContexts:
        configurations.invalidateStreams(word1, 0);
        return CommandError.none;
      case CommandOpcode.tlbAll:
        translations.invalidateVmid(vmid, false);
        return CommandError.none;
      case CommandOpcode.tlbAsid:
        translations.invalidateAsid(asid, vmid);
        return CommandError.none;
      case CommandOpcode.tlbAddress:
        translations.invalidateAddress(address, stage1Key(asid, vmid));
        return CommandError.none;
      case CommandOpcode.tlbAddressAllAsids:
        translations.invalidateAddressAllAsids(address, vmid);
        return CommandError.none;
      case CommandOpcode.tlbVmid:
        if (!this.#features.stage2) return CommandError.illegal;
        translations.invalidateVmid(vmid, true);
        return CommandError.none;
      case CommandOpcode.tlbIntermediateAddress:
        if (!this.#features.stage2) return CommandError.illegal;
        translations.invalidateAddress(address, stage2Key(vmid));
        return CommandError.none;
      case CommandOpcode.tlbEverything:
        translations.invalidateAll();
        return CommandError.none;
      case CommandOpcode.deviceTlb:
        return this.#invalidateDevice(word1, address, word2 & 0x3f);
      case CommandOpcode.sync:
        return this.#sync();
      default:
        return CommandError.illegal;
    }
  }

  #invalidateDevice(streamId: number, address: Address, log2Pages: number): number {
    if (!this.#features.ats) return CommandError.illegal;
    const bytes = 2 ** Math.min(52, 12 + log2Pages);
    const start = Math.floor(address / bytes) * bytes;
    if (this.#onDeviceTlbInvalidate?.(streamId, start, bytes) === false) this.deviceTimedOut = true;
    return CommandError.none;
  }

  #sync(): number {
    if (!this.deviceTimedOut) return CommandError.none;
    this.deviceTimedOut = false;
    return CommandError.deviceTlb;
  }
}
