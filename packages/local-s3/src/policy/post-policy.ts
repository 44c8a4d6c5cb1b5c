import { isObject } from './is-object.ts'

/** The result for a form: allowed (with the allowed sizes in bytes), or an S3 error code and its message. */
export type PostPolicyVerdict =
  | { ok: true; lengthRange?: { min: number; max: number } }
  | {
      ok: false
      code: 'InvalidPolicyDocument' | 'AccessDenied' | 'EntityTooSmall' | 'EntityTooLarge'
      message: string
    }

/**
 * Checks a browser's form against the policy that was signed for it.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
 *
 * - `policyJson`: the decoded `policy` field. Its signature is the caller's to check.
 * - `fields`: every field before `file`, with `${filename}` already put in, and `bucket` from the URL.
 *   Letter case of the names does not matter. Each must be named by a condition, except the policy
 *   itself, its signature, the file, and names that start with `x-ignore-`.
 * - `size`: bytes of the file, or undefined while it is not known: then `lengthRange` is to be kept.
 * - `now`: milliseconds since 1970.
 */
export function checkPostPolicy(
  policyJson: string,
  fields: Record<string, string>,
  size: number | undefined,
  now: number,
): PostPolicyVerdict {
  const policy = readPolicy(policyJson)
  if (typeof policy === 'string') return refuse('InvalidPolicyDocument', `Invalid Policy: ${policy}`)
  if (policy.expires <= now) return refuse('AccessDenied', 'Invalid according to Policy: Policy expired.')

  const form = new Map(Object.entries(fields).map(([name, value]) => [name.toLowerCase(), value]))
  for (const { operator, name, value } of policy.conditions) {
    const actual = form.get(name)
    if (actual === undefined || !fulfils(name, operator, actual, value)) {
      const condition = JSON.stringify([operator, `$${name}`, value])
      return refuse('AccessDenied', `Invalid according to Policy: Policy Condition failed: ${condition}`)
    }
  }
  const named = new Set(policy.conditions.map(({ name }) => name))
  const extra = [...form.keys()].filter((name) => !named.has(name) && !isExempt(name))
  if (extra.length > 0) {
    return refuse('AccessDenied', `Invalid according to Policy: Extra input fields: ${extra.join(', ')}`)
  }
  return checkSize(policy.lengthRange, size)
}

interface PostPolicy {
  expires: number
  conditions: { operator: 'eq' | 'starts-with'; name: string; value: string }[]
  lengthRange?: { min: number; max: number }
}

/** A sentence if the document is not a policy. Its element names are case-sensitive, the rest is not. */
function readPolicy(json: string): PostPolicy | string {
  let document: unknown
  try {
    document = JSON.parse(json)
  } catch {
    return 'Invalid JSON.'
  }
  if (!isObject(document)) return 'Invalid JSON: not an object.'
  const { expiration, conditions } = document
  if (expiration === undefined) return 'Policy missing expiration.'
  if (conditions === undefined) return 'Policy missing conditions.'
  if (typeof expiration !== 'string' || !isoTime.test(expiration) || Number.isNaN(Date.parse(expiration))) {
    return "Invalid 'expiration' value: it must be an ISO 8601 time in UTC."
  }
  if (!Array.isArray(conditions)) return "Invalid 'conditions' value: must be a List."

  const policy: PostPolicy = { expires: Date.parse(expiration), conditions: [] }
  for (const condition of conditions) {
    const understood = Array.isArray(condition) ? addList(policy, condition) : addObject(policy, condition)
    if (!understood) return `Invalid condition: ${JSON.stringify(condition)}`
  }
  return policy
}

const isoTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z$/

/** `["eq", "$key", "a"]`, `["starts-with", "$key", "a/"]` or `["content-length-range", 1, 1000]`. */
function addList(policy: PostPolicy, condition: unknown[]): boolean {
  const [first, second, third, ...rest] = condition
  if (typeof first !== 'string' || rest.length > 0) return false
  const operator = first.toLowerCase()
  if (operator === 'content-length-range') {
    if (!isSize(second) || !isSize(third)) return false
    const before = policy.lengthRange ?? { min: 0, max: Number.MAX_SAFE_INTEGER }
    policy.lengthRange = { min: Math.max(before.min, second), max: Math.min(before.max, third) }
    return true
  }
  if (operator !== 'eq' && operator !== 'starts-with') return false
  if (typeof second !== 'string' || !second.startsWith('$') || typeof third !== 'string') return false
  policy.conditions.push({ operator, name: second.slice(1).toLowerCase(), value: third })
  return true
}

/** `{"acl": "private"}`: each member has to be equal. */
function addObject(policy: PostPolicy, condition: unknown): boolean {
  if (!isObject(condition)) return false
  const members = Object.entries(condition)
  for (const [name, value] of members) {
    if (typeof value !== 'string') return false
    policy.conditions.push({ operator: 'eq', name: name.toLowerCase(), value })
  }
  return members.length > 0
}

/** A Content-Type with commas is a list, each item of which has to start as the policy says. */
function fulfils(name: string, operator: 'eq' | 'starts-with', actual: string, value: string): boolean {
  if (operator === 'eq') return actual === value
  const items = name === 'content-type' ? actual.split(',').map((item) => item.trim()) : [actual]
  return items.every((item) => item.startsWith(value))
}

function isExempt(name: string): boolean {
  return exempt.has(name) || name.startsWith('x-ignore-')
}

const exempt = new Set(['policy', 'file', 'x-amz-signature', 'signature', 'awsaccesskeyid'])

function checkSize(range: PostPolicy['lengthRange'], size: number | undefined): PostPolicyVerdict {
  if (range === undefined) return { ok: true }
  if (size !== undefined && size > range.max) {
    return refuse(
      'EntityTooLarge',
      `Your proposed upload exceeds the maximum allowed size of ${range.max} bytes.`,
    )
  }
  if (size !== undefined && size < range.min) {
    return refuse(
      'EntityTooSmall',
      `Your proposed upload is smaller than the minimum allowed size of ${range.min} bytes.`,
    )
  }
  return { ok: true, lengthRange: range }
}

function refuse(code: Extract<PostPolicyVerdict, { ok: false }>['code'], message: string): PostPolicyVerdict {
  return { ok: false, code, message }
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
