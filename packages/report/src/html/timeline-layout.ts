import type { Severity, TimelineLane } from '../document.ts';
import { severityWords } from '../severity.ts';
import { printableLine } from '../text/printable.ts';
import { readableNumber } from '../text/readable-number.ts';
import { cutToWidth, textWidth } from '../text/text-width.ts';
import { calloutRows } from './callout-rows.ts';
import { marksTaken } from './marks-taken.ts';
import { type TimeAxis, timeAxis } from './time-axis.ts';

/** Pixels. */
export const TIMELINE = { width: 1040, gutter: 150, bar: 22, row: 17, space: 12, character: 6.7 } as const;

/** Between two ticks, pixels. */
const APART = 80;

const LONGEST_TEXT = 46;
const LONGEST_LANE = 21;

/** More texts than this make a lane unreadable: the others are ticks, and rows of the table. */
const MOST_TEXTS = 40;

/** A span with its place in the lane. */
export interface PlacedSpan {
  readonly x: number;
  readonly width: number;
  /** Empty where the text hangs below. */
  readonly text: string;
  readonly tooltip: string;
  readonly severity: Severity | undefined;
}

/** A text below the bar, with its leader. */
export interface PlacedCallout {
  readonly x: number;
  /** Undefined: a tick without text. */
  readonly row: number | undefined;
  readonly text: string;
  readonly tooltip: string;
  readonly severity: Severity | undefined;
  readonly mark: boolean;
}

/** A lane from `y` on. */
export interface PlacedLane {
  readonly name: string;
  readonly wholeName: string;
  readonly y: number;
  readonly height: number;
  readonly spans: readonly PlacedSpan[];
  readonly callouts: readonly PlacedCallout[];
}

/** A time line with every place known. */
export interface TimelineLayout {
  readonly axis: TimeAxis;
  readonly lanes: readonly PlacedLane[];
  readonly height: number;
}

type TimelineSpan = TimelineLane['spans'][number];

interface Hanging {
  readonly atMs: number;
  readonly text: string;
  readonly tooltip: string;
  readonly severity: Severity | undefined;
  readonly mark: boolean;
}

/** Places lanes below each other; texts that find no room in their span hang below it. */
export function layOutTimeline(lanes: readonly TimelineLane[]): TimelineLayout {
  const axis = fittingAxis(lanes);
  let y = 8;
  const placed = lanes.map((lane): PlacedLane => {
    const one = placeLane(lane, axis, y);
    y += one.height + TIMELINE.space;
    return one;
  });
  return { axis, lanes: placed, height: y + 24 };
}

/** As long as the texts at its right end allow. */
function fittingAxis(lanes: readonly TimelineLane[]): TimeAxis {
  const times = lanes.flatMap(({ spans, marks }) => [
    ...spans.filter(isDrawn).flatMap(({ startMs, endMs }) => [startMs, endMs]),
    ...marks.map(({ atMs }) => atMs),
  ]);
  const room = TIMELINE.width - TIMELINE.gutter - 8;
  const longest = timeAxis(times, TIMELINE.gutter, room, APART);
  const sizes = lanes
    .flatMap((lane) => hangingOf(lane, longest, () => false))
    .map(({ atMs, text }) => {
      const share = (longest.at(atMs) - TIMELINE.gutter) / room;
      return share > 0 ? (room - calloutWidth(text)) / share : room;
    });
  const size = sizes.reduce((least, one) => Math.min(least, one), room);
  return timeAxis(times, TIMELINE.gutter, Math.max(room / 2, size), APART);
}

function placeLane(lane: TimelineLane, axis: TimeAxis, y: number): PlacedLane {
  const fits = (one: TimelineSpan): boolean =>
    axis.at(one.endMs) - axis.at(one.startMs) >=
    textWidth(printableLine(one.label)) * TIMELINE.character + 10;
  const spans = lane.spans.filter(isDrawn).map(
    (one): PlacedSpan => ({
      x: axis.at(one.startMs),
      width: Math.max(2, Math.round((axis.at(one.endMs) - axis.at(one.startMs)) * 10) / 10),
      text: fits(one) ? printableLine(one.label) : '',
      tooltip: spanTooltip(one),
      severity: one.severity,
    }),
  );
  const hanging = hangingOf(lane, axis, fits);
  const told = hanging.slice(0, MOST_TEXTS);
  const rows = calloutRows(told.map(({ atMs, text }) => ({ x: axis.at(atMs), width: calloutWidth(text) })));
  const callouts = hanging.map(({ atMs, ...one }, index) => ({ ...one, x: axis.at(atMs), row: rows[index] }));
  const below = rows.reduce((most, row) => Math.max(most, row + 1), 0);
  const wholeName = printableLine(lane.name);
  const height = TIMELINE.bar + below * TIMELINE.row;
  return { name: cutToWidth(wholeName, LONGEST_LANE), wholeName, y, height, spans, callouts };
}

/** What is told below a lane's bar, in order of time: spans whose text does not fit, and marks. */
function hangingOf(lane: TimelineLane, axis: TimeAxis, fits: (span: TimelineSpan) => boolean): Hanging[] {
  const spans = lane.spans
    .filter((one) => isDrawn(one) && !isQuiet(one) && !fits(one))
    .map((one) => ({
      atMs: one.startMs,
      text: cutToWidth(printableLine(one.label), LONGEST_TEXT),
      tooltip: spanTooltip(one),
      severity: one.severity,
      mark: false,
    }));
  const marks = marksTaken(lane.marks, axis.at).map(({ atMs, lastMs, label, details, severity, count }) => {
    const times = count === 1 ? '' : ` × ${readableNumber(count)}`;
    const until = lastMs > atMs ? ` to ${readableNumber(lastMs)}` : '';
    const sign = severity === undefined ? '◆' : severityWords[severity].sign;
    return {
      atMs,
      text: `${sign} ${cutToWidth(printableLine(label), LONGEST_TEXT)}${times}`,
      tooltip: `${readableNumber(atMs)}${until} ms: ${printableLine(label)}${times}${details === undefined ? '' : `\n${details}`}`,
      severity,
      mark: true,
    };
  });
  return [...spans, ...marks].sort((a, b) => a.atMs - b.atMs);
}

function spanTooltip({ startMs, endMs, label }: TimelineSpan): string {
  return `${readableNumber(startMs)} to ${readableNumber(endMs)} ms: ${printableLine(label)}`;
}

function isDrawn({ startMs, endMs }: TimelineSpan): boolean {
  return Number.isFinite(startMs) && Number.isFinite(endMs) && endMs >= startMs;
}

/** What is no trouble needs no text where there is no room: the tooltip and the table tell it. */
function isQuiet({ severity }: TimelineSpan): boolean {
  return severity === 'note' || severity === 'good';
}

function calloutWidth(text: string): number {
  return textWidth(text) * TIMELINE.character + 8;
}
