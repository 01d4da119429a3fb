import {
  EVENT_REPLAY,
  IocFactsReply,
  MptDoorbellFunction,
  MptFunction,
  MptState,
  mptDiagnosticKeys,
  mptRegisters,
} from '@quiesce/pcie-model';
import type { DeviceRegisters } from './device-registers.ts';
import type { DriverHost } from './driver-host.ts';
import { handshake } from './mpt-doorbell.ts';

const field = mptRegisters.field;
const DOORBELL = field['Doorbell.STATE'].offset & ~3;
/** Of a request without anything of its own. */
const REQUEST_DWORDS = 3;
/** `_base_diag_reset` waits after the keys, after the order, and for the firmware; milliseconds. */
const KEYS_MS = 100;
const ORDER_MS = 50;

/** A controller that is brought up: its registers, and how its lines in the log begin. */
export interface MptController {
  readonly registers: DeviceRegisters;
  readonly name: string;
  /** How long its firmware may take, milliseconds. */
  readonly timeoutMs: number;
}

/** What the driver takes from IOCFacts. */
export interface MptFacts {
  /** A message unit reset is enough; otherwise only the diagnostic reset brings an operational controller back. */
  readonly canResetMessageUnit: boolean;
  readonly requestCredit: number;
  readonly firstDevice: number;
}

/** IOCFacts of a controller that is ready or operational; of another one after a diagnostic reset (`_base_get_ioc_facts`). */
export function readFacts(host: DriverHost, controller: MptController): MptFacts | undefined {
  const { registers } = controller;
  const states: readonly number[] = [MptState.ready, MptState.operational];
  leaveReset(controller);
  const isUsable =
    registers.get(field['Doorbell.USED']) === 0 && states.includes(registers.get(field['Doorbell.STATE']));
  if (!isUsable) {
    sayState(host, controller);
    if (!diagnosticReset(host, controller)) return undefined;
  }
  const request = new Array<number>(REQUEST_DWORDS).fill(0);
  request[0] = MptFunction.iocFacts * 2 ** 24;
  const words = handshake(registers, request);
  if (words === undefined || words.length < IocFactsReply.size / 2) {
    host.log(`${controller.name}: _base_get_ioc_facts: handshake failed (r=-14)`);
    return undefined;
  }
  const word = (offset: number): number => words[offset / 2] as number;
  return {
    canResetMessageUnit: (word(IocFactsReply.capabilities) & EVENT_REPLAY) !== 0,
    requestCredit: word(IocFactsReply.requestCredit),
    firstDevice: word(IocFactsReply.minDevHandle),
  };
}

/** Brings the controller to the state READY (`mpt3sas_base_make_ioc_ready`). */
export function makeReady(host: DriverHost, controller: MptController, facts: MptFacts): boolean {
  const { registers, name } = controller;
  leaveReset(controller);
  const state = registers.get(field['Doorbell.STATE']);
  if (state === MptState.ready) return true;
  if (state === MptState.reset) {
    const doorbell = registers.read(DOORBELL).toString(16);
    host.log(`${name}: mpt3sas_base_make_ioc_ready: failed going to ready state (ioc_state=0x${doorbell})`);
    return false;
  }
  const isBusy = registers.get(field['Doorbell.USED']) === 1;
  if (isBusy || state !== MptState.operational) sayState(host, controller);
  else if (facts.canResetMessageUnit && messageUnitReset(host, controller)) return true;
  return diagnosticReset(host, controller);
}

/** Firmware that starts gets the time for it. */
function leaveReset({ registers, timeoutMs }: MptController): void {
  if (registers.get(field['Doorbell.STATE']) === MptState.reset) {
    registers.waitFor(field['Doorbell.STATE'], MptState.ready, timeoutMs);
  }
}

function sayState(host: DriverHost, { registers, name }: MptController): void {
  if (registers.get(field['Doorbell.STATE']) === MptState.fault) {
    const code = registers.get(field['Doorbell.DATA']).toString(16).padStart(4, '0');
    host.log(`${name}: fault_state(0x${code})!`);
  } else if (registers.get(field['Doorbell.USED']) === 1) host.log(`${name}: unexpected doorbell active!`);
}

/** `_base_send_ioc_reset` */
function messageUnitReset(host: DriverHost, { registers, name, timeoutMs }: MptController): boolean {
  host.log(`${name}: sending message unit reset !!`);
  registers.write(DOORBELL, MptDoorbellFunction.messageUnitReset * 2 ** 24);
  const ready = registers.waitFor(field['Doorbell.STATE'], MptState.ready, timeoutMs);
  host.log(`${name}: message unit reset: ${ready ? 'SUCCESS' : 'FAILED'}`);
  return ready;
}

/** `_base_diag_reset` */
function diagnosticReset(host: DriverHost, { registers, name, timeoutMs }: MptController): boolean {
  host.log(`${name}: sending diag reset !!`);
  for (const key of mptDiagnosticKeys) registers.only(field['WriteSequence.KEY'], key);
  host.delay(KEYS_MS);
  const isOpen = registers.get(field['HostDiagnostic.DIAG_WRITE_ENABLE']) === 1;
  let ready = false;
  if (isOpen) {
    registers.only(field['HostDiagnostic.RESET_ADAPTER'], 1);
    host.delay(ORDER_MS);
    const isOver = registers.waitFor(field['HostDiagnostic.RESET_ADAPTER'], 0, timeoutMs);
    registers.only(field['WriteSequence.KEY'], mptDiagnosticKeys[0] as number);
    ready = isOver && registers.waitFor(field['Doorbell.STATE'], MptState.ready, timeoutMs);
  }
  host.log(`${name}: diag reset: ${ready ? 'SUCCESS' : 'FAILED'}`);
  return ready;
}
