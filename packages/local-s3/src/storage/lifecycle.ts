import { randomUUID } from 'node:crypto'
import { S3Error } from '../errors.ts'
import { document, type Element } from '../xml/build.ts'
import { children, elements, parseXml, text, type XmlElement } from '../xml/parse.ts'

/** Uploads under a prefix that are older than some days are aborted. */
export interface AbortRule {
  prefix: string
  days: number
}

/**
 * The lifecycle configuration as it is kept: each rule has an ID.
 *
 * @throws S3Error MalformedXML, InvalidArgument, InvalidRequest
 */
export function normalizeLifecycle(xml: string): string {
  const rules = readRules(xml)
  for (const rule of rules) checkRule(rule)
  const ids = rules.map((rule) => text(rule, 'ID') ?? randomUUID())
  if (ids.some((id) => id.length > 255)) {
    throw new S3Error('InvalidArgument', 'ID length should not exceed allowed limit of 255')
  }
  if (new Set(ids).size < ids.length) {
    throw new S3Error('InvalidArgument', 'Rule ID must be unique. Found same ID for more than one rule')
  }
  return document([
    'LifecycleConfiguration',
    rules.map((rule, i): Element => ['Rule', elements({ ...rule, ID: [ids[i] ?? ''] })]),
  ])
}

/** The rules on incomplete uploads. The other rules are kept but not obeyed. */
export function abortRules(xml: string): AbortRule[] {
  return readRules(xml).flatMap((rule) => {
    const [abort] = children(rule, 'AbortIncompleteMultipartUpload')
    if (abort === undefined || text(rule, 'Status') !== 'Enabled') return []
    const [filter = {}] = children(rule, 'Filter')
    const prefix = text(filter, 'Prefix') ?? text(rule, 'Prefix') ?? ''
    return [{ prefix, days: Number(text(abort, 'DaysAfterInitiation')) }]
  })
}

function readRules(xml: string): XmlElement[] {
  const rules = children(parseXml(xml, 'LifecycleConfiguration'), 'Rule')
  if (rules.length === 0 || rules.length > 1000) throw new S3Error('MalformedXML')
  return rules
}

function checkRule(rule: XmlElement): void {
  const status = text(rule, 'Status')
  if (status !== 'Enabled' && status !== 'Disabled') throw new S3Error('MalformedXML')
  if (!actions.some((action) => action in rule)) {
    throw new S3Error('InvalidRequest', 'At least one action needs to be specified in a rule')
  }
  for (const action of actions.flatMap((name) => children(rule, name))) {
    const days = text(action, 'Days') ?? text(action, 'DaysAfterInitiation') ?? text(action, 'NoncurrentDays')
    if (days !== undefined && !/^[1-9]\d{0,8}$/.test(days) && !('Transition' in rule && days === '0')) {
      throw new S3Error('InvalidArgument', `'Days' must be a positive integer, not ${days}`)
    }
    const date = text(action, 'Date')
    if (date !== undefined && !/^\d{4}-\d{2}-\d{2}(T00:00:00(\.000)?(Z|\+00:00))?$/.test(date)) {
      throw new S3Error('InvalidArgument', "'Date' must be at midnight GMT")
    }
  }
  for (const abort of children(rule, 'AbortIncompleteMultipartUpload')) {
    if (text(abort, 'DaysAfterInitiation') === undefined) throw new S3Error('MalformedXML')
    // Uploads have no tags and no size, so a rule that wants one does not mean them.
    const [filter = {}] = children(rule, 'Filter')
    if (Object.keys(filter).some((name) => name !== 'Prefix')) {
      throw new S3Error(
        'InvalidRequest',
        'AbortIncompleteMultipartUpload cannot be specified with Tags or sizes.',
      )
    }
  }
}

const actions = [
  'AbortIncompleteMultipartUpload',
  'Expiration',
  'NoncurrentVersionExpiration',
  'NoncurrentVersionTransition',
  'Transition',
]
