import fc from 'fast-check';
import { type DefaultTreeAdapterTypes, parse } from 'parse5';
import { describe, expect, it } from 'vitest';
import type { TopologyNode } from '../document.ts';
import { hostileText } from '../testing/hostile-text.ts';
import { sampleReport } from '../testing/sample-report.ts';
import { printable } from '../text/printable.ts';
import { htmlReport } from './html-report.ts';
import { STYLESHEET_HASH } from './stylesheet.ts';

type Element = DefaultTreeAdapterTypes.Element;

function elementsOf(html: string): Element[] {
  const found: Element[] = [];
  const visit = (node: DefaultTreeAdapterTypes.Node): void => {
    if ('tagName' in node) found.push(node);
    if ('childNodes' in node) for (const child of node.childNodes) visit(child);
  };
  visit(parse(html));
  return found;
}

/** Elements with the names of their attributes, in order. */
const shapeOf = (html: string): string[] =>
  elementsOf(html).map(({ tagName, attrs }) => `${tagName} ${attrs.map(({ name }) => name).join(' ')}`);

describe('the HTML page', () => {
  const html = htmlReport(sampleReport());

  it('is well-formed HTML with a language, a title and unique ids', () => {
    const errors: string[] = [];
    parse(html, { onParseError: ({ code, startLine }) => errors.push(`${code} in line ${startLine}`) });
    expect(errors).toEqual([]);
    const elements = elementsOf(html);
    const values = (name: string): string[] =>
      elements.flatMap(({ attrs }) => attrs.filter((one) => one.name === name).map(({ value }) => value));
    expect(values('lang')).toEqual(['en']);
    const ids = values('id');
    expect(new Set(ids).size).toBe(ids.length);
    const targets = values('href').map((href) => href.slice(1));
    expect([...targets, ...values('aria-labelledby')].filter((id) => !ids.includes(id))).toEqual([]);
  });

  it('allows one style sheet, and neither scripts nor the network', () => {
    const elements = elementsOf(html);
    const policy = elements
      .filter(({ tagName }) => tagName === 'meta')
      .map(({ attrs }) => Object.fromEntries(attrs.map(({ name, value }) => [name, value])))
      .find((attrs) => attrs['http-equiv'] === 'Content-Security-Policy');
    expect(policy?.content).toContain("default-src 'none'");
    expect(policy?.content).toContain(`style-src '${STYLESHEET_HASH}'`);
    expect(
      elements.filter(({ tagName }) => /^(script|link|img|iframe|object|base|form)$/.test(tagName)),
    ).toEqual([]);
    const attributes = elements.flatMap(({ attrs }) => attrs);
    expect(attributes.filter(({ name }) => /^(on|style$|src|srcset$)/.test(name))).toEqual([]);
    expect(attributes.filter(({ name, value }) => name === 'href' && !value.startsWith('#'))).toEqual([]);
  });

  it('gets no element and no attribute from any string of the document', () => {
    const expected = shapeOf(html);
    fc.assert(
      fc.property(hostileText, (text) => {
        // Letters around it: a string that shows nothing would leave an empty paragraph out, which is right.
        const shape = shapeOf(htmlReport(sampleReport(`x ${text.replace(/\s/g, ' ')} x`)));
        expect(shape).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  it('shows text as it is', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const [heading] = elementsOf(htmlReport({ ...sampleReport(), title: text })).filter(
          ({ tagName }) => tagName === 'h1',
        );
        const shown = heading?.childNodes.map((node) => ('value' in node ? node.value : '')).join('');
        expect(shown).toBe(printable(text));
      }),
      { numRuns: 60 },
    );
  });

  it('holds no character that hides or reverses text', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const lines = htmlReport(sampleReport(text)).replace(/\n/g, '');
        expect(lines).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      }),
      { numRuns: 40 },
    );
  });

  it('is the same for the same document', () => {
    expect(htmlReport(sampleReport())).toBe(html);
  });

  it('stays small for a machine with 130 functions of which no two look the same', () => {
    const functions = Array.from(
      { length: 130 },
      (_, index): TopologyNode => ({
        id: `0000:${index.toString(16).padStart(2, '0')}:00.0`,
        label: `0000:${index.toString(16).padStart(2, '0')}:00.0 Ethernet controller of some maker`,
        kind: `network ${index}`,
        severity: 'warning',
        unit: `dmar${index % 4}`,
        marks: ['ATS', 'no reset', 'dump target'],
        details: Array.from({ length: 6 }, () =>
          'It masters the bus and goes on doing so until a driver stops it. '.repeat(2),
        ),
        children: [],
      }),
    );
    const page = htmlReport({
      ...sampleReport(),
      sections: [{ title: 'Topology', blocks: [{ kind: 'topology', roots: functions }] }],
    });
    expect(page.length).toBeLessThan(400_000);
    expect(page.match(/class="node /g)).toHaveLength(130);
  });
});
