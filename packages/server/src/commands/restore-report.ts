import type { RestoreFinding, RestoreTotals } from 'tintype/internal/sweep/restore'
import { createProgressLine, type Terminal } from './progress-line.ts'

/** The output of `tintype restore`: lines for people, or JSON; and on a terminal its progress. */
export interface RestoreReport {
  /** Shows the progress of these totals from now on. */
  watch(totals: Readonly<RestoreTotals>): void
  finding(finding: RestoreFinding): void
  summary(totals: Readonly<RestoreTotals>): void
  close(): void
}

export interface RestoreReportOptions {
  json: boolean
  isCheck: boolean
  /** The moment that was asked for. */
  at: number | undefined
  /** Writes a line of the result. */
  write(line: string): void
  /** Shows the progress, if it is one. */
  terminal: Terminal
  /** Approximate number of objects to compare. */
  expected: { objects: number; sweep: number }
}

export function createRestoreReport(options: RestoreReportOptions): RestoreReport {
  const { json, isCheck, at, write, terminal, expected } = options
  const begun = performance.now()
  const seconds = () => (performance.now() - begun) / 1000
  let watched: Readonly<RestoreTotals> | undefined
  const progress = createProgressLine(terminal, () => {
    if (!watched) return undefined
    const { objects } = watched.audit
    return {
      done: objects,
      all: expected.objects + expected.sweep,
      text: `${count(objects)} objects compared`,
    }
  })

  return {
    watch(totals) {
      watched = totals
    },
    finding(finding) {
      progress.clear()
      write(json ? JSON.stringify(finding) : describe(finding, isCheck))
    },
    summary(totals) {
      progress.clear()
      const lines = json ? [summaryJson(totals, { at, seconds: seconds() })] : summaryLines(totals, isCheck)
      for (const line of lines) write(line)
    },
    close: progress.close,
  }
}

function describe(finding: RestoreFinding, isCheck: boolean): string {
  const label = `${finding.type.padEnd(9)} ${finding.key}`
  switch (finding.type) {
    case 'newer':
      return `${label}: ${count(finding.bytes)} bytes of ${finding.modified}, unknown to the database${after(finding, 'deleted')}`
    case 'lost': {
      const what = { missing: 'is gone', size: 'has another size', checksum: 'has other bytes' }[finding.why]
      const outcome = { moved: ', and is out of sight now', referenced: `; ${referenced}` }
      return `${label}: the original of media ${finding.media} ${what}; it was whole at ${finding.lastKnown}${finding.outcome ? outcome[finding.outcome] : ''}`
    }
    case 'variant': {
      const outcome = { planned: ', and is made anew', dropped: ", and can't be made anew" }
      return `${label}: ${finding.name} of media ${finding.media} is gone or another${finding.outcome ? outcome[finding.outcome] : ''}`
    }
    case 'version': {
      const outcome = {
        version: '; it can no longer be restored',
        variant: '; it can be restored without it',
      }
      return `${label}: an object of the removed media ${finding.media} is gone${finding.outcome ? outcome[finding.outcome] : ''}`
    }
    case 'returned':
      return `${label}: the original of media ${finding.media} is here again${isCheck ? '' : ', and it is visible'}`
    case 'multipart': {
      const { error } = finding
      const outcome = error === undefined ? after(finding, 'aborted') : `: ${error}`
      return `${label}: upload ${finding.uploadId} of ${finding.initiated}, unknown to the database${outcome}`
    }
    case 'unreadable':
      return `${label}: ${finding.name} of media ${finding.media} can't be read to compare it: ${finding.error}`
    case 'scheduled':
      return `${label}: media ${finding.media} is visible and on the sweep list; this is no dump of one moment`
  }
}

const referenced =
  'a row of the app refers to it, so it is still visible: put its object back, or remove that row and call this again'
const after = ({ until }: { until?: string }, done: string) =>
  until === undefined ? '' : `; ${done} after ${until}`

function summaryJson(
  { database, bucket, wholeSince, audit, ...totals }: Readonly<RestoreTotals>,
  { at, seconds }: { at: number | undefined; seconds: number },
): string {
  const { objects, visible, restorable, scheduled, multiparts, checksums } = audit
  return JSON.stringify({
    type: 'summary',
    ...(at === undefined ? {} : { at: iso(at) }),
    database: iso(database),
    bucket: iso(bucket),
    wholeSince: iso(wholeSince),
    ...totals,
    ...{ objects, visible, restorable, scheduled, multiparts, checksums },
    seconds: Number(seconds.toFixed(3)),
  })
}

function summaryLines(totals: Readonly<RestoreTotals>, isCheck: boolean): string[] {
  const { database, bucket, isPutBack, wholeSince, audit, findings, lost } = totals
  const { objects, visible, restorable, multiparts } = audit
  const found = Object.entries(findings).filter(([, n]) => n > 0)
  const begins =
    database === undefined
      ? 'Nothing ever happened in the database.'
      : `The database ends at ${iso(database)}.`
  const putBack = `The bucket has noted ${bucket === undefined ? 'nothing of it' : `a change of ${iso(bucket)}`}${
    isPutBack ? ': it was put back.' : '.'
  }`
  return [
    `${begins} ${putBack}`,
    `${count(objects)} objects: ${count(visible)} are visible, ${count(restorable)} belong to what can be restored.`,
    ...(multiparts === 'denied'
      ? ['Multipart uploads in progress were not looked at: that needs s3:ListBucketMultipartUploads.']
      : []),
    ...(wholeSince === undefined
      ? []
      : [`Oldest moment to which one can go back whole: ${iso(wholeSince)}.`]),
    ...(found.length === 0 ? [] : [`Found: ${found.map(([type, n]) => `${count(n)} ${type}`).join(', ')}.`]),
    lost > 0
      ? `${count(lost)} ${lost === 1 ? 'is' : 'are'} lost or left; see above.`
      : isCheck
        ? 'All that it needs is there.'
        : 'Database and bucket belong together again.',
  ]
}

function iso(time: number): string
function iso(time: number | undefined): string | null
function iso(time: number | undefined): string | null {
  return time === undefined ? null : new Date(time).toISOString()
}

const count = (value: number) => value.toLocaleString('en-US')
