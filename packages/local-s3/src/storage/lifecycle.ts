import { S3Error } from '../errors.ts'
import { children, parseXml, text, texts } from '../xml/parse.ts'

/** Uploads under a prefix that are older than some days are aborted. */
export interface AbortRule {
  prefix: string
  days: number
}

/**
 * The rules on incomplete uploads of a lifecycle configuration. The other rules are kept but not obeyed.
 *
 * @throws S3Error MalformedXML, InvalidArgument, InvalidRequest
 */
export function parseLifecycle(xml: string): AbortRule[] {
  const rules = children(parseXml(xml, 'LifecycleConfiguration'), 'Rule')
  if (rules.length === 0 || rules.length > 1000) throw new S3Error('MalformedXML')
  const ids = rules.flatMap((rule) => texts(rule, 'ID'))
  if (ids.some((id) => id.length > 255))
    throw new S3Error('InvalidArgument', 'ID length should not exceed allowed limit of 255')
  if (new Set(ids).size < ids.length) {
    throw new S3Error('InvalidArgument', 'Rule ID must be unique. Found same ID for more than one rule')
  }
  return rules.flatMap((rule) => {
    const status = text(rule, 'Status')
    if (status !== 'Enabled' && status !== 'Disabled') throw new S3Error('MalformedXML')
    if (!actions.some((action) => action in rule)) {
      throw new S3Error('InvalidRequest', 'At least one action needs to be specified in a rule')
    }
    const [abort] = children(rule, 'AbortIncompleteMultipartUpload')
    if (abort === undefined) return []
    const days = Number(text(abort, 'DaysAfterInitiation'))
    if (!Number.isInteger(days) || days < 1) {
      throw new S3Error(
        'InvalidArgument',
        "'DaysAfterInitiation' for AbortIncompleteMultipartUpload action must be a positive integer",
      )
    }
    const [filter = {}] = children(rule, 'Filter')
    const [both = {}] = children(filter, 'And')
    // Uploads have no tags and no size, so a rule that wants one does not mean them.
    if (
      [filter, both].some((part) =>
        Object.keys(part).some((name) => name !== 'Prefix' && name !== 'And' && name !== '#text'),
      )
    ) {
      throw new S3Error(
        'InvalidRequest',
        'AbortIncompleteMultipartUpload cannot be specified with Tags or sizes.',
      )
    }
    const prefix = text(filter, 'Prefix') ?? text(both, 'Prefix') ?? text(rule, 'Prefix') ?? ''
    return status === 'Enabled' ? [{ prefix, days }] : []
  })
}

const actions = [
  'AbortIncompleteMultipartUpload',
  'Expiration',
  'NoncurrentVersionExpiration',
  'NoncurrentVersionTransition',
  'Transition',
]
