import path from 'node:path';
import { UserError } from '@quiesce/simulation';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { findNodeAtLocation, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import schema from '../../schema/case.schema.json' with { type: 'json' };
import { patternFault } from '../statement/patterns.ts';
import type { RecordCase, Statement } from './record-case.ts';

let validator: ValidateFunction | undefined;

/**
 * A case from its text. `file` is for errors; its name has to be the case's id.
 * @throws UserError `CASE_SYNTAX` for what is not JSON, `CASE_SHAPE` for what does not fit the schema or contradicts
 * itself, `CASE_ID` where id and file name differ
 */
export function parseCase(text: string, file: string): RecordCase {
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  const [syntax] = errors;
  if (tree === undefined || syntax !== undefined) {
    const what = syntax === undefined ? 'nothing' : printParseErrorCode(syntax.error);
    throw new UserError('CASE_SYNTAX', `no JSON: ${what}`, {
      place: { file, line: lineOf(text, syntax?.offset ?? 0) },
      expected: 'one JSON object',
    });
  }
  const value: unknown = JSON.parse(text);
  validator ??= new Ajv2020({ allErrors: false, strict: false }).compile(schema);
  if (!validator(value)) throw shapeError(validator.errors?.[0], tree, text, file);
  const one = value as RecordCase;
  const fault = contradiction(one);
  if (fault !== undefined) {
    throw new UserError('CASE_SHAPE', fault.message, {
      place: { file, line: lineAt(tree, text, fault.at) },
      expected: fault.expected,
    });
  }
  const named = path.basename(file, '.json');
  if (one.id === named) return one;
  throw new UserError('CASE_ID', `the id is ${one.id}`, {
    place: { file, line: lineAt(tree, text, ['id']) },
    expected: named,
  });
}

function shapeError(error: ErrorObject | undefined, tree: Node, text: string, file: string): UserError {
  const at = (error?.instancePath ?? '').split('/').slice(1);
  const params = (error?.params ?? {}) as { additionalProperty?: string; allowedValues?: unknown[] };
  const extra = params.additionalProperty === undefined ? '' : ` "${params.additionalProperty}"`;
  const allowed = params.allowedValues?.map((one) => JSON.stringify(one)).join(', ');
  return new UserError('CASE_SHAPE', `/${at.join('/')} ${error?.message ?? 'does not fit'}${extra}`, {
    place: { file, line: lineAt(tree, text, at) },
    expected: allowed ?? 'what case.schema.json says',
  });
}

interface Contradiction {
  readonly message: string;
  readonly expected: string;
  readonly at: readonly string[];
}

/** What a schema cannot say. */
function contradiction(one: RecordCase): Contradiction | undefined {
  if (one.unexplained === undefined && one.counterfactual === undefined) {
    return { message: 'has no counterfactual', expected: 'one, or the reason in `unexplained`', at: [] };
  }
  const lists: [readonly string[], readonly Statement[]][] = [
    [['observed'], one.observed],
    [['counterfactual', 'instead'], one.counterfactual?.instead ?? []],
  ];
  for (const [at, statements] of lists) {
    for (const [index, statement] of statements.entries()) {
      const fault = statementFault(statement);
      if (fault !== undefined) return { ...fault, at: [...at, String(index)] };
    }
  }
  return undefined;
}

const comparisons = [
  'is',
  'oneOf',
  'atLeast',
  'atMost',
  'matches',
  'length',
  'keys',
  'hasKeys',
  'withoutKeys',
  'notAmong',
  'absent',
] as const;

function statementFault(statement: Statement): Omit<Contradiction, 'at'> | undefined {
  if ((statement.path === undefined) === (statement.log === undefined)) {
    return {
      message: 'a statement is about the outcome or about the log',
      expected: 'either `path` or `log`',
    };
  }
  const compares = comparisons.some((key) => statement[key] !== undefined);
  if (statement.path !== undefined && !compares) {
    return { message: 'a statement compares nothing', expected: comparisons.join(', ') };
  }
  for (const pattern of [statement.log, statement.matches]) {
    const fault = pattern === undefined ? undefined : patternFault(pattern);
    if (fault !== undefined) return { message: fault, expected: 'a regular expression' };
  }
  return undefined;
}

/** The line of what is at `at`, or of the nearest thing around it. */
function lineAt(tree: Node, text: string, at: readonly string[]): number {
  for (let length = at.length; length >= 0; length--) {
    const segments = at.slice(0, length).map((one) => (/^\d+$/.test(one) ? Number(one) : one));
    const node = findNodeAtLocation(tree, segments);
    if (node !== undefined) return lineOf(text, node.offset);
  }
  return 1;
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
