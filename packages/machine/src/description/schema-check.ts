/** The part of JSON Schema 2020-12 that the machine's schema uses. */
export interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly multipleOf?: number;
}

/** The first thing that is not as the schema says. */
export interface SchemaMismatch {
  /** JSON pointer. */
  readonly path: string;
  readonly message: string;
  readonly expected: string;
}

/** Checks a value against a schema; `root` holds the definitions. */
export function checkSchema(
  value: unknown,
  schema: Schema,
  root: Schema,
  path = '',
): SchemaMismatch | undefined {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.slice('#/$defs/'.length);
    return checkSchema(value, root.$defs?.[name] as Schema, root, path);
  }
  const wrong = (message: string, expected: string): SchemaMismatch => ({
    path: path || '/',
    message,
    expected,
  });
  if (schema.const !== undefined && value !== schema.const) {
    return wrong(`is ${shown(value)}`, JSON.stringify(schema.const));
  }
  if (schema.enum !== undefined && !schema.enum.includes(value)) {
    return wrong(`is ${shown(value)}`, schema.enum.map((one) => JSON.stringify(one)).join(', '));
  }
  if (schema.type !== undefined && !hasType(value, schema.type)) {
    return wrong(`is ${shown(value)}`, `${/^[aeiou]/.test(schema.type) ? 'an' : 'a'} ${schema.type}`);
  }
  if (typeof value === 'number') return checkNumber(value, schema, wrong);
  if (typeof value === 'string') return checkText(value, schema, wrong);
  if (Array.isArray(value)) return checkArray(value, schema, root, path, wrong);
  if (typeof value === 'object' && value !== null) return checkObject(value, schema, root, path, wrong);
  return undefined;
}

type Wrong = (message: string, expected: string) => SchemaMismatch;

function checkNumber(value: number, schema: Schema, wrong: Wrong): SchemaMismatch | undefined {
  const { minimum = -Infinity, maximum = Infinity, multipleOf } = schema;
  if (value < minimum || value > maximum) return wrong(`is ${value}`, `${minimum} .. ${maximum}`);
  if (multipleOf !== undefined && value % multipleOf !== 0) {
    return wrong(`is ${value}`, `a multiple of ${multipleOf}`);
  }
  return undefined;
}

function checkText(value: string, schema: Schema, wrong: Wrong): SchemaMismatch | undefined {
  const { minLength = 0, maxLength = Infinity, pattern } = schema;
  // As JSON Schema counts: code points.
  const length = value.length > maxLength || value.length < 2 * minLength ? [...value].length : value.length;
  if (length < minLength || length > maxLength) {
    return wrong(`has ${length} characters`, `${minLength} .. ${maxLength}`);
  }
  if (pattern !== undefined && !new RegExp(pattern, 'u').test(value)) {
    return wrong(`is ${shown(value)}`, `text that matches ${pattern}`);
  }
  return undefined;
}

function checkArray(
  value: readonly unknown[],
  schema: Schema,
  root: Schema,
  path: string,
  wrong: Wrong,
): SchemaMismatch | undefined {
  const { minItems = 0, maxItems = Infinity, items } = schema;
  if (value.length < minItems || value.length > maxItems) {
    return wrong(`has ${value.length} items`, `${minItems} .. ${maxItems}`);
  }
  if (items === undefined) return undefined;
  for (const [index, item] of value.entries()) {
    const mismatch = checkSchema(item, items, root, `${path}/${index}`);
    if (mismatch !== undefined) return mismatch;
  }
  return undefined;
}

function checkObject(
  value: object,
  schema: Schema,
  root: Schema,
  path: string,
  wrong: Wrong,
): SchemaMismatch | undefined {
  const { required = [], properties = {}, additionalProperties = true } = schema;
  for (const name of required) {
    if (!Object.hasOwn(value, name)) return wrong(`has no "${name}"`, required.join(', '));
  }
  for (const [name, item] of Object.entries(value)) {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (property === undefined) {
      if (!additionalProperties) return wrong(`has "${shortened(name)}"`, Object.keys(properties).join(', '));
      continue;
    }
    const mismatch = checkSchema(item, property, root, `${path}/${name}`);
    if (mismatch !== undefined) return mismatch;
  }
  return undefined;
}

function hasType(value: unknown, type: string): boolean {
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'number') return Number.isFinite(value);
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === type;
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  return shortened(JSON.stringify(value) ?? String(value));
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
