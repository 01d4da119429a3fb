import type { EventRow } from './event-table.ts';

/** What drivers say when their device does not answer, or answers wrongly. */
export const driverFailures: readonly EventRow[] = [
  row(['failed with error -'], /\bprobe (?:of \S+ |with driver \S+ )?failed with error -\d+/),
  row(
    ['controller is down', 'Device not ready', 'after probe failure', 'QID '],
    /\bnvme\S* .*(?:controller is down; will reset|Device not ready; aborting|Removing after probe failure|I\/O \S+ .{0,40}timeout)/,
  ),
  row(
    ['Hardware Error', 'Unit Hang', 'PCIe link lost'],
    /\b(?:e1000e?|igb|igc|ixgbe|i40e|ice)\b.*(?:Hardware Error|Unit Hang|PCIe link lost)/,
  ),
  row(['NETDEV WATCHDOG', 'ransmit timed out'], /NETDEV WATCHDOG: |transmit timed out/i),
  row(
    [
      'Host halt failed',
      'HC died',
      'not responding',
      'Host System Error',
      'host not halted',
      'Abort failed to stop',
      'waiting for setup device',
    ],
    /\b[xeou]hci\S* .*(?:Host halt failed|HC died|not responding|Host System Error|host not halted|Abort failed to stop|waiting for setup device)/i,
  ),
  row(
    ['failed to IDENTIFY', 'qc timeout', 'SRST failed', 'COMRESET failed', 'softreset failed', 'SError: {'],
    /^ata\d+(?:\.\d+)?: .*(?:failed to IDENTIFY|qc timeout|SRST failed|COMRESET failed|softreset failed)/,
  ),
  row(
    [
      'fault_state',
      'doorbell handshake',
      'diag reset: FAILED',
      'message unit reset: FAILED',
      'port enable: FAILED',
      'in FAULT state',
      'Fault state',
      'Init cmd fail',
      'Failed to init firmware',
    ],
    /fault_state\(|doorbell handshake.{0,40}failed|(?:diag reset|message unit reset|port enable): FAILED|FW (?:in|now in) Fault state|Init cmd fail|Failed to init firmware/i,
  ),
  row(
    [
      'board not ready',
      'controller lockup',
      'Host adapter abort',
      'ISP System Error',
      'Adapter reset failed',
    ],
    /\bhpsa .*(?:board not ready|controller lockup)|Host adapter abort request|ISP System Error|Adapter reset failed/,
  ),
  row(
    ['recovered after timeout', 'Will cause a leak', 'health compromised', 'wait_fw_init', 'enable hca'],
    /\bmlx[45]_core \S+ .*(?:recovered after timeout|Will cause a leak|health compromised|enable hca failed|wait_fw_init)/,
  ),
  row(
    ['DMA not responding', 'DMA timeout', 'DMA Status error'],
    /DMA not responding|DMA timeout|DMA Status error/,
  ),
  row(['driver ready to ICM'], /failed to send driver ready to ICM/),
  row(
    ['change power state from'],
    /(?:Unable to change power state from|can't change power state from) D3cold to D0/,
  ),
  row(['No response from codec', 'get_response timeout'], /No response from codec|azx_get_response timeout/),
  row(['GPU HANG'], /GPU HANG/),
  row(['NVRM: '], /^NVRM: (?:GPU \S+: RmInitAdapter failed|Xid )/),
  row(['PM: failed to resume', 'xHC error in resume'], /PM: failed to resume|xHC error in resume/),
];

function row(words: readonly string[], is: RegExp): EventRow {
  return { kind: 'driver-failure', words, is };
}
