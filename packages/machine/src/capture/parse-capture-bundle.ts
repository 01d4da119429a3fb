import { UserError } from '@quiesce/simulation';
import captureSchema from '../../schema/capture.schema.json' with { type: 'json' };
import { hexToBytes } from '../build/config-bytes.ts';
import { checkSchema, type Schema } from '../description/schema-check.ts';
import { captureText } from '../import/input-limits.ts';
import type { BundledFile, CaptureBundle } from './capture-bundle.ts';
import type { CapturedFile } from './captured-file.ts';

/**
 * Reads what `quiesce capture` wrote, from JSON as text or bytes.
 * @throws UserError `CAPTURE_JSON` if the text is no JSON, `CAPTURE_SCHEMA` if it is not as the schema says,
 * `INPUT_TOO_LARGE`
 */
export function parseCaptureBundle(
  input: string | Uint8Array,
  { file }: { readonly file: string },
): CaptureBundle {
  const value = parseJson(captureText(input, file), file);
  const schema = captureSchema as unknown as Schema;
  const mismatch = checkSchema(value, schema, schema);
  if (mismatch !== undefined) {
    throw new UserError('CAPTURE_SCHEMA', `${mismatch.path} ${mismatch.message}`, {
      expected: mismatch.expected,
      place: { file },
    });
  }
  const bundle = value as CaptureBundle;
  for (const [index, one] of bundle.files.entries()) checkContent(one, index, file);
  return bundle;
}

/**
 * The files of a bundle, as importers take them.
 * @throws UserError `CAPTURE_SCHEMA` if the hexadecimal digits of a file are none; a parsed bundle has no such file
 */
export function filesOf(bundle: Pick<CaptureBundle, 'files'>): CapturedFile[] {
  return bundle.files.map((one): CapturedFile => {
    if ('link' in one) return { path: one.path, content: '', link: one.link };
    if ('text' in one) return { path: one.path, content: one.text };
    const content = hexToBytes(one.hex);
    if (content === undefined) {
      throw new UserError('CAPTURE_SCHEMA', 'this is not an even number of hexadecimal digits', {
        place: { file: one.path },
      });
    }
    return { path: one.path, content };
  });
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new UserError('CAPTURE_JSON', `this is not JSON: ${(error as Error).message}`, { place: { file } });
  }
}

/** What the small checker of schemas does not know: one of three contents, digits in pairs. */
function checkContent(one: BundledFile, index: number, file: string): void {
  const given = ['text', 'hex', 'link'].filter((name) => Object.hasOwn(one, name));
  if (given.length !== 1) {
    throw new UserError('CAPTURE_SCHEMA', `/files/${index} has ${given.join(' and ') || 'no content'}`, {
      expected: 'one of text, hex, link',
      place: { file },
    });
  }
  if ('hex' in one && one.hex.length % 2 !== 0) {
    throw new UserError('CAPTURE_SCHEMA', `/files/${index}/hex has half a byte`, {
      expected: 'an even number of digits',
      place: { file },
    });
  }
}
