export type { Collateral } from './functions/collateral.ts';
export type { Coverage, CoveredBy } from './functions/coverage.ts';
export type { Statement } from './functions/evidence.ts';
export { type FunctionFinding, functionFindings, type HostDrivers } from './functions/function-findings.ts';
export type { InterruptKind } from './functions/interrupt-kind.ts';
export type { ResetWay } from './functions/reset-ways.ts';
