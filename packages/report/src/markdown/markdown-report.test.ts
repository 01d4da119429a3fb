import fc from 'fast-check';
import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import { type DefaultTreeAdapterTypes, parseFragment } from 'parse5';
import { describe, expect, it } from 'vitest';
import { hostileText } from '../testing/hostile-text.ts';
import { sampleReport } from '../testing/sample-report.ts';
import { printableLine } from '../text/printable.ts';
import { markdownCode, markdownInline } from './escape-markdown.ts';
import { markdownReport } from './markdown-report.ts';

type Node = DefaultTreeAdapterTypes.ChildNode;

const render = (markdown: string): Node[] =>
  parseFragment(
    micromark(markdown, { extensions: [gfm()], htmlExtensions: [gfmHtml()], allowDangerousHtml: true }),
  ).childNodes;

function all(nodes: readonly Node[]): Node[] {
  return nodes.flatMap((node) => [node, ...('childNodes' in node ? all(node.childNodes) : [])]);
}

const names = (nodes: readonly Node[]): string[] =>
  all(nodes).flatMap((node) => ('tagName' in node ? [node.tagName] : []));
const textOf = (nodes: readonly Node[]): string =>
  all(nodes)
    .map((node) => ('value' in node ? node.value : ''))
    .join('');

/** Text outside of code: where a forge looks for mentions and references. */
function proseOf(nodes: readonly Node[]): string {
  return nodes
    .map((node) => {
      if ('tagName' in node) return /^(code|pre)$/.test(node.tagName) ? '' : proseOf(node.childNodes);
      return 'value' in node ? node.value : '';
    })
    .join('');
}

describe('Markdown', () => {
  it.each([
    ['intel_iommu=on and nr_cpus=1', 'intel_iommu=on and nr_cpus=1'],
    ['5.14.0-362.el9', '5.14.0-362.el9'],
    ['a|b', 'a\\|b'],
    ['see 0000:ab:00.0, please', 'see `0000:ab:00.0`, please'],
    ['by @somebody (#12)', 'by `@somebody` (`#12`)'],
    ['<b>&amp;', '&lt;b&gt;&amp;amp;'],
    ['*x* _y_ `z`', '\\*x\\* \\_y\\_ \\`z\\`'],
  ])('writes %j', (text, expected) => {
    expect(markdownInline(text)).toBe(expected);
  });

  it('shows text in a cell as it is, without anything coming alive', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const nodes = render(
          `| a | b |\n| --- | --- |\n| ${markdownInline(text)} | ${markdownCode(text)} |\n`,
        );
        const cells = all(nodes).filter((node) => 'tagName' in node && node.tagName === 'td');
        expect(cells).toHaveLength(2);
        const [cell] = cells as [DefaultTreeAdapterTypes.Element];
        expect(printableLine(textOf(cell.childNodes))).toBe(printableLine(text));
        expect(names(cells).filter((name) => name !== 'td' && name !== 'code')).toEqual([]);
        expect(proseOf(cells)).not.toMatch(/@|#\d|:\/\/|www\.|GH-\d|:[a-z0-9_+-]+:/i);
      }),
      { numRuns: 200 },
    );
  });

  it('gets no element from any string of the document', () => {
    const expected = names(render(markdownReport(sampleReport('x plain x')))).filter(
      (name) => name !== 'code',
    );
    fc.assert(
      fc.property(hostileText, (text) => {
        const nodes = render(markdownReport(sampleReport(`x ${text.replace(/\s/g, ' ')} x`)));
        expect(names(nodes).filter((name) => name !== 'code')).toEqual(expected);
        expect(proseOf(nodes)).not.toMatch(/@|#\d|www\.|GH-\d/i);
      }),
      { numRuns: 30 },
    );
  });

  it('lets text of several lines make paragraphs, and nothing else', () => {
    fc.assert(
      fc.property(fc.array(hostileText, { minLength: 1, maxLength: 4 }), (texts) => {
        const report = { ...sampleReport(), facts: [], footer: '', sections: [], summary: texts.join('\n') };
        const odd = names(render(markdownReport(report))).filter(
          (name) => !/^(h1|p|strong|code|br)$/.test(name),
        );
        expect(odd).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});
