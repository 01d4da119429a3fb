import { UserError } from '@quiesce/simulation';
import machineSchema from '../../schema/machine.schema.json' with { type: 'json' };
import { assertInputSize, captureText } from '../import/input-limits.ts';
import { checkMachine } from './check-machine.ts';
import type { Machine } from './machine.ts';
import { checkSchema, type Schema } from './schema-check.ts';

/**
 * Reads a machine from JSON, as text, bytes or parsed already.
 * @throws UserError `MACHINE_JSON` if the text is no JSON, `MACHINE_SCHEMA` if it is not as the schema says, and those of
 * {@link checkMachine}
 */
export function parseMachine(input: unknown, { file = 'machine' }: { readonly file?: string } = {}): Machine {
  const value = typeof input === 'string' || input instanceof Uint8Array ? parseJson(input, file) : input;
  const schema = machineSchema as unknown as Schema;
  const mismatch = checkSchema(value, schema, schema);
  if (mismatch !== undefined) {
    throw new UserError('MACHINE_SCHEMA', `${mismatch.path} ${mismatch.message}`, {
      expected: mismatch.expected,
      place: { file },
    });
  }
  const machine = value as Machine;
  checkMachine(machine, file);
  return machine;
}

function parseJson(input: string | Uint8Array, file: string): unknown {
  assertInputSize(input.length, file);
  try {
    return JSON.parse(captureText(input, file)) as unknown;
  } catch (error) {
    throw new UserError('MACHINE_JSON', `this is not JSON: ${(error as Error).message}`, { place: { file } });
  }
}
