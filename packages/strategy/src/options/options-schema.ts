import type { StandardSchemaV1 } from '@standard-schema/spec';

/** `true` or `false`. */
export interface BooleanOption {
  readonly type: 'boolean';
  readonly default: boolean;
  readonly description: string;
}

/** A whole number of `minimum` .. `maximum`, both included. Its unit stands at the end of its name: `waitMs`. */
export interface IntegerOption {
  readonly type: 'integer';
  readonly default: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly description: string;
}

/** One of a few words. */
export interface ChoiceOption {
  readonly type: 'choice';
  readonly choices: readonly string[];
  readonly default: string;
  readonly description: string;
}

/** How one option is declared. Every option has a default. */
export type OptionDeclaration = BooleanOption | IntegerOption | ChoiceOption;

/** Options by name. */
export type OptionDeclarations = Readonly<Record<string, OptionDeclaration>>;

/** The options that hooks see: all present, all valid. */
export type OptionsOf<Declarations extends OptionDeclarations> = {
  readonly [Name in keyof Declarations]: Declarations[Name] extends BooleanOption
    ? boolean
    : Declarations[Name] extends IntegerOption
      ? number
      : Declarations[Name] extends { readonly choices: readonly (infer Choice)[] }
        ? Choice
        : never;
};

/** A Standard Schema that can also be listed and documented. */
export interface OptionsSchema<Declarations extends OptionDeclarations>
  extends StandardSchemaV1<Partial<OptionsOf<Declarations>> | undefined, OptionsOf<Declarations>> {
  readonly declarations: Declarations;
}

/**
 * A Standard Schema from declarations: absent options take their default; unknown names, wrong types and values
 * out of range are issues with a path. Strings are not converted.
 */
export function optionsSchema<const Declarations extends OptionDeclarations>(
  declarations: Declarations,
): OptionsSchema<Declarations> {
  return {
    declarations,
    '~standard': {
      version: 1,
      vendor: 'quiesce',
      validate: (input) => validate(declarations, input) as StandardSchemaV1.Result<OptionsOf<Declarations>>,
    },
  };
}

function validate(declarations: OptionDeclarations, input: unknown): StandardSchemaV1.Result<unknown> {
  const given = input ?? {};
  if (typeof given !== 'object' || Array.isArray(given) || input === null) {
    return { issues: [{ message: 'options are an object of names and values' }] };
  }
  const issues: StandardSchemaV1.Issue[] = [];
  const names = Object.keys(declarations);
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(declarations, name)) continue;
    const known = names.length === 0 ? 'there are none' : `there are ${names.join(', ')}`;
    issues.push({ message: `no option is called ${name}; ${known}`, path: [name] });
  }
  const value: Record<string, unknown> = {};
  for (const [name, declaration] of Object.entries(declarations)) {
    const raw = (given as Record<string, unknown>)[name];
    value[name] = raw === undefined ? declaration.default : raw;
    if (raw !== undefined && !accepts(declaration, raw)) {
      issues.push({ message: `${name} is not ${expectation(declaration)}`, path: [name] });
    }
  }
  return issues.length > 0 ? { issues } : { value };
}

function accepts(declaration: OptionDeclaration, raw: unknown): boolean {
  switch (declaration.type) {
    case 'boolean':
      return typeof raw === 'boolean';
    case 'integer':
      return (
        Number.isInteger(raw) && Number(raw) >= declaration.minimum && Number(raw) <= declaration.maximum
      );
    case 'choice':
      return typeof raw === 'string' && declaration.choices.includes(raw);
  }
}

/** What would be right, for people: `an integer of 0 .. 60000`. */
function expectation(declaration: OptionDeclaration): string {
  switch (declaration.type) {
    case 'boolean':
      return 'true or false';
    case 'integer':
      return `an integer of ${declaration.minimum} .. ${declaration.maximum}`;
    case 'choice':
      return `one of ${declaration.choices.join(', ')}`;
  }
}
