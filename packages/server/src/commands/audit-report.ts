import type { AuditTotals, Finding } from 'tintype/internal/sweep/audit'
import { createProgressLine, type Terminal } from './progress-line.ts'

/** The audit's output: lines for people, or JSON; and on a terminal its progress. */
export interface Report {
  /** Shows the progress of these totals from now on. */
  watch(totals: Readonly<AuditTotals>): void
  finding(finding: Finding): void
  summary(totals: Readonly<AuditTotals>): void
  close(): void
}

export interface ReportOptions {
  json: boolean
  repair: boolean
  /** Writes a line of the result. */
  write(line: string): void
  /** Shows the progress, if it is one. */
  terminal: Terminal
  /** Approximate number of objects to compare. */
  expected: { objects: number; sweep: number }
}

export function createReport({ json, repair, write, terminal, expected }: ReportOptions): Report {
  const begun = performance.now()
  const seconds = () => (performance.now() - begun) / 1000
  let watched: Readonly<AuditTotals> | undefined
  const progress = createProgressLine(terminal, () => {
    if (!watched) return undefined
    const { objects } = watched
    const rate = Math.round(objects / seconds())
    return { done: objects, all: expected.objects, text: `${count(objects)} objects, ${count(rate)}/s` }
  })

  return {
    watch(totals) {
      watched = totals
    },
    finding(finding) {
      progress.clear()
      write(json ? JSON.stringify(finding) : describe(finding, repair))
    },
    summary(totals) {
      progress.clear()
      if (json) write(JSON.stringify({ type: 'summary', ...totals, seconds: Number(seconds().toFixed(3)) }))
      else for (const line of summaryLines(totals, seconds())) write(line)
    },
    close: progress.close,
  }
}

function describe(finding: Finding, repair: boolean): string {
  const { type, key } = finding
  const label = `${type.padEnd(9)} ${key}`
  switch (finding.type) {
    case 'orphan': {
      const remedy = repaired(finding.repaired, repair, 'put on the sweep list')
      return `${label}: ${count(finding.bytes)} bytes of ${finding.modified} that nothing names; ${remedy}`
    }
    case 'multipart': {
      const { error } = finding
      const remedy = error ? `could not be aborted: ${error}` : repaired(finding.repaired, repair, 'aborted')
      return `${label}: upload ${finding.uploadId}, begun ${finding.initiated}, without an owner; ${remedy}`
    }
    case 'dangling':
      return `${label}: ${whose(finding)} has no object; restore it from a backup, or delete the media`
    case 'size':
    case 'checksum': {
      const [expected, found] = [finding.expected, finding.found].map(count)
      return `${label}: ${whose(finding)} should be ${expected}, is ${found}; another program wrote to the bucket`
    }
    case 'unreadable':
      return `${label}: ${whose(finding)} can't be read to compare it: ${finding.error}`
    case 'scheduled':
      return `${label}: ${whose(finding)} is visible and on the sweep list; stop all servers and report this`
    case 'unrestorable': {
      const found = finding.found === undefined ? 'gone' : `of ${count(finding.found)} bytes`
      return `${label}: needed to restore the removed media ${finding.media}, and ${found}; see tintype restore`
    }
    case 'returned':
      return `${label}: the original of a lost media is here again; tintype restore makes it visible`
    case 'stuck': {
      const { attempts, due, error } = finding
      return `${label}: deletion failed ${attempts} times, next at ${due}: ${error ?? 'no reason known'}`
    }
  }
}

function repaired(done: boolean, repair: boolean, how: string): string {
  if (done) return how
  return repair ? 'left alone, since it is younger than the grace period' : 'see --repair'
}

const whose = ({ media, name }: { media: string; name: string }) => `${name} of media ${media}`

function summaryLines(totals: Readonly<AuditTotals>, seconds: number): string[] {
  const { objects, visible, scheduled, restorable, multiparts, checksums, findings } = totals
  const found = Object.entries(findings).filter(([, n]) => n > 0)
  const seen = [
    `${count(objects)} objects in ${seconds.toFixed(1)} s: ${count(visible)} visible, ${count(scheduled)} to be deleted`,
    restorable > 0 ? `, ${count(restorable)} of what can be restored` : '',
    multiparts === 'denied' ? '' : `, ${count(multiparts)} multipart uploads in progress`,
    checksums > 0 ? `, ${count(checksums)} checksums compared` : '',
  ].join('')
  return [
    seen,
    ...(multiparts === 'denied'
      ? ['Multipart uploads in progress were not looked at: that needs s3:ListBucketMultipartUploads.']
      : []),
    found.length === 0
      ? 'Nothing found.'
      : `Found: ${found.map(([type, n]) => `${count(n)} ${type}`).join(', ')}.`,
  ]
}

const count = (value: number | string) => (typeof value === 'number' ? value.toLocaleString('en-US') : value)
