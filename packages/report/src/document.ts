/** How bad something is: `good` and `note` are no trouble. */
export type Severity = 'critical' | 'warning' | 'note' | 'good';

/** A fact with its name, e.g. `kernel` and `6.1.0-55-amd64`. */
export interface Fact {
  readonly name: string;
  readonly value: string;
}

/** Where a statement comes from: bytes, a rule, a line of a log, a case of the public record. */
export interface Evidence {
  /** `config 0000:04:00.0 +0x84`, `console.log line 812`, `VT-d 10.4.14`, `case measured-no-copy` */
  readonly source: string;
  readonly text?: string;
}

/** One finding, or one piece of advice. */
export interface Finding {
  readonly severity: Severity;
  readonly title: string;
  readonly text?: string;
  /** What else is to be said, each with its name: `To confirm`, `What to do`. */
  readonly facts?: readonly Fact[];
  readonly evidence: readonly Evidence[];
  /** Commands or settings to copy, one a line. */
  readonly commands?: readonly string[];
}

/** A node of a drawn topology: root complex, bridge, endpoint, remapping unit. */
export interface TopologyNode {
  /** Unique in its drawing, e.g. `0000:01:00.0`. */
  readonly id: string;
  readonly label: string;
  /** One or two words below or behind the name: `root port`, `nvme`. */
  readonly kind: string;
  readonly severity?: Severity;
  /** Remapping unit that covers it, e.g. `dmar0`: drawn as a colour with a legend. */
  readonly unit?: string;
  /** Short marks, e.g. `RMRR`, `ATS`, `dump target`. */
  readonly marks: readonly string[];
  /** Sentences for whoever points at the node. */
  readonly details: readonly string[];
  readonly children: readonly TopologyNode[];
}

/** A row of a time line. */
export interface TimelineLane {
  readonly name: string;
  readonly spans: readonly {
    readonly startMs: number;
    readonly endMs: number;
    readonly label: string;
    /** Of short spans, those with `note` and `good` are drawn without their label. */
    readonly severity?: Severity;
  }[];
  readonly marks: readonly {
    readonly atMs: number;
    readonly label: string;
    /** More words, for the tooltip and where the time line is told as a table. */
    readonly details?: string;
    readonly severity?: Severity;
    /** How many events the mark stands for; default 1. */
    readonly count?: number;
  }[];
}

/** A column of a table. */
export interface TableColumn {
  readonly name: string;
  readonly align?: 'left' | 'right';
  /** Columns of the lowest rank give way first where a terminal is narrow; default: they stay. */
  readonly rank?: number;
}

/** A cell: text, with how bad what it says is. */
export type TableCell = string | { readonly text: string; readonly severity: Severity };

/** A part of a report. Every string may hold anything: it is data of a stranger's machine, and renderers escape it. */
export type ReportBlock =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'facts'; readonly facts: readonly Fact[] }
  | { readonly kind: 'findings'; readonly findings: readonly Finding[] }
  | {
      readonly kind: 'table';
      readonly columns: readonly TableColumn[];
      readonly rows: readonly (readonly TableCell[])[];
      /** Shown if there are no rows. */
      readonly empty?: string;
    }
  /** Sentences, each for itself. */
  | { readonly kind: 'list'; readonly items: readonly string[] }
  /** Lines of a log or a file, which are neither wrapped nor cut. */
  | { readonly kind: 'lines'; readonly lines: readonly { readonly number?: number; readonly text: string }[] }
  | { readonly kind: 'commands'; readonly commands: readonly string[] }
  | { readonly kind: 'topology'; readonly roots: readonly TopologyNode[] }
  | { readonly kind: 'timeline'; readonly lanes: readonly TimelineLane[] };

/** A section with its heading. */
export interface ReportSection {
  readonly title: string;
  readonly blocks: readonly ReportBlock[];
  /** Sections that most readers skip: folded in HTML, left out on a terminal unless asked for. */
  readonly detail?: boolean;
}

/** A report as data. */
export interface ReportDocument {
  readonly title: string;
  /** The answer, in one or two sentences. */
  readonly summary: string;
  readonly severity: Severity;
  readonly facts: readonly Fact[];
  readonly sections: readonly ReportSection[];
  /** What made it, e.g. `quiesce 1.2.0`, and of which input. */
  readonly footer: string;
}
