export * from './document.ts';
export { htmlReport } from './html/html-report.ts';
export { markdownReport } from './markdown/markdown-report.ts';
export { compareSeverity, severities } from './severity.ts';
export { type TerminalReportOptions, terminalReport } from './terminal/terminal-report.ts';
