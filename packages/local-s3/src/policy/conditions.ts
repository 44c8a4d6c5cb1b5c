import { BlockList, isIP } from 'node:net'
import type { ConditionValue, Statement } from './document.ts'
import { type Context, expandVariables, matchesGlob } from './glob.ts'
import { isObject } from './is-object.ts'

/**
 * Whether a request fulfils a statement's Condition element: every operator and every key in it,
 * one value of each. `undefined` when that cannot be told, e.g. a number compared with a word.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
export function conditionsMatch(
  condition: NonNullable<Statement['Condition']>,
  context: Context,
  variables: Context | undefined,
): boolean | undefined {
  const verdicts: (boolean | undefined)[] = []
  for (const [name, keys] of Object.entries(condition)) {
    const operator = parseOperator(name)
    for (const [key, values] of Object.entries(keys)) {
      const expected = (Array.isArray(values) ? values : [values]).map(String)
      const actual = context.get(key.toLowerCase())
      verdicts.push(operator && decide(operator, actual, expected, variables))
    }
  }
  return every(verdicts)
}

/** Why a Condition element cannot be understood, as a sentence; `undefined` if it can. */
export function conditionProblem(condition: unknown): string | undefined {
  if (!isObject(condition)) return 'Condition must be an object.'
  for (const [name, keys] of Object.entries(condition)) {
    const operator = parseOperator(name)
    if (operator === undefined) return `Condition operator ${name} is not supported.`
    if (!isObject(keys)) return `Condition operator ${name} must hold an object of keys and values.`
    for (const [key, values] of Object.entries(keys)) {
      const list = Array.isArray(values) ? values : [values]
      if (list.length === 0 || !list.every(isConditionValue)) {
        return `Condition ${name} must give ${key} a string, a number, a boolean or a list of them.`
      }
      const wrong = list.find((value) => !isVariable(value) && !operator.test.reads(String(value)))
      if (wrong !== undefined) return `Condition ${name} cannot read the value ${wrong} of ${key}.`
    }
  }
  return undefined
}

interface Operator {
  test: Test
  quantifier?: 'ForAnyValue' | 'ForAllValues'
  ifExists: boolean
}

interface Test {
  /** Whether a policy may have this value. */
  reads(expected: string): boolean
  /** `undefined`: these two cannot be compared. */
  matches(actual: string, expected: string, variables: Context | undefined): boolean | undefined
  /** The operator says Not: none of the values may match, and an absent key fulfils it. */
  negated: boolean
}

function parseOperator(name: string): Operator | undefined {
  const [, quantifier, base = '', ifExists] =
    /^(?:(ForAnyValue|ForAllValues):)?(\w+?)(IfExists)?$/.exec(name) ?? []
  const test = tests.get(base)
  if (test === undefined || (base === 'Null' && (quantifier || ifExists))) return undefined
  return {
    test,
    ...(quantifier && { quantifier: quantifier as 'ForAnyValue' | 'ForAllValues' }),
    ifExists: ifExists !== undefined,
  }
}

function decide(
  { test, quantifier, ifExists }: Operator,
  actual: readonly string[] | undefined,
  expected: string[],
  variables: Context | undefined,
): boolean | undefined {
  if (test === nullTest) {
    return some(expected.map((value) => (value.toLowerCase() === 'true') === (actual === undefined)))
  }
  const one = (value: string) => {
    const matched = some(expected.map((wanted) => test.matches(value, wanted, variables)))
    return test.negated && matched !== undefined ? !matched : matched
  }
  if (quantifier === 'ForAllValues') return every((actual ?? []).map(one))
  if (actual === undefined) return ifExists || (quantifier === undefined && test.negated)
  if (quantifier === 'ForAnyValue') return some(actual.map(one))
  // Several values and no word on how many of them have to match: not to be guessed.
  return actual.length === 1 ? one(actual[0] as string) : undefined
}

const anyText = () => true
const isNumber = (text: string) => /^[+-]?\d{1,15}(\.\d{1,15})?$/.test(text)
const isBoolean = (text: string) => /^(true|false)$/i.test(text)
const nullTest: Test = { reads: isBoolean, matches: () => undefined, negated: false }

/** Every operator that is understood. */
const tests = new Map<string, Test>([
  ['Null', nullTest],
  ['Bool', { reads: isBoolean, matches: sameIgnoringCase, negated: false }],
  ...withNot('StringEquals', 'StringNotEquals', anyText, (a, b, v) => a === expandVariables(b, v)),
  ...withNot('StringEqualsIgnoreCase', 'StringNotEqualsIgnoreCase', anyText, sameIgnoringCase),
  ...withNot('StringLike', 'StringNotLike', anyText, (a, b, v) => matchesGlob(b, a, v)),
  ...withNot('ArnEquals', 'ArnNotEquals', isArn, sameArn),
  ...withNot('ArnLike', 'ArnNotLike', isArn, sameArn),
  ...withNot('IpAddress', 'NotIpAddress', (range) => subnet(range) !== undefined, inSubnet),
  ...comparisons('Numeric', isNumber, (text) => (isNumber(text) ? Number(text) : Number.NaN)),
  ...comparisons('Date', (text) => !Number.isNaN(time(text)), time),
])

function withNot(
  is: string,
  isNot: string,
  reads: Test['reads'],
  matches: Test['matches'],
): [string, Test][] {
  return [
    [is, { reads, matches, negated: false }],
    [isNot, { reads, matches, negated: true }],
  ]
}

/** `NumericLessThan` and its five sisters, likewise for dates. */
function comparisons(type: string, reads: Test['reads'], value: (text: string) => number): [string, Test][] {
  const compare = (holds: (a: number, b: number) => boolean): Test['matches'] => {
    return (actual, expected, variables) => {
      const [a, b] = [value(actual), value(expandVariables(expected, variables) ?? '')]
      return Number.isNaN(a) || Number.isNaN(b) ? undefined : holds(a, b)
    }
  }
  const plain = (name: string, holds: (a: number, b: number) => boolean): [string, Test] => [
    `${type}${name}`,
    { reads, matches: compare(holds), negated: false },
  ]
  return [
    ...withNot(
      `${type}Equals`,
      `${type}NotEquals`,
      reads,
      compare((a, b) => a === b),
    ),
    plain('LessThan', (a, b) => a < b),
    plain('LessThanEquals', (a, b) => a <= b),
    plain('GreaterThan', (a, b) => a > b),
    plain('GreaterThanEquals', (a, b) => a >= b),
  ]
}

function sameIgnoringCase(actual: string, expected: string, variables: Context | undefined): boolean {
  return actual.toLowerCase() === expandVariables(expected, variables)?.toLowerCase()
}

/** The six fields of an ARN are compared one by one, so that a `*` does not reach past a colon. */
function sameArn(actual: string, expected: string, variables: Context | undefined): boolean | undefined {
  if (!isArn(actual)) return undefined
  const [fields, patterns] = [arnFields(actual), arnFields(expected)]
  return patterns.every((pattern, index) => matchesGlob(pattern, fields[index] ?? '', variables))
}

function isArn(text: string): boolean {
  return text.startsWith('arn:') && arnFields(text).length === 6
}

function arnFields(arn: string): string[] {
  return /^([^:]*):([^:]*):([^:]*):([^:]*):([^:]*):(.*)$/s.exec(arn)?.slice(1) ?? []
}

/** Milliseconds of an ISO 8601 time, or of seconds since 1970. */
function time(text: string): number {
  if (isNumber(text)) return Number(text) * 1000
  return /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:?\d{2}))?$/.test(text) ? Date.parse(text) : Number.NaN
}

function inSubnet(actual: string, expected: string, variables: Context | undefined): boolean | undefined {
  const family = isIP(actual)
  const list = subnet(expandVariables(expected, variables) ?? '')
  return family && list ? list.check(actual, `ipv${family as 4 | 6}`) : undefined
}

/** `192.0.2.0/24`, `2001:db8::/32` or a single address. */
function subnet(range: string): BlockList | undefined {
  const [address = '', bits, ...rest] = range.split('/')
  const family = isIP(address)
  const most = family === 4 ? 32 : 128
  const prefix = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN
  if (family === 0 || rest.length > 0 || !(prefix <= most)) return undefined
  const list = new BlockList()
  list.addSubnet(address, prefix, `ipv${family as 4 | 6}`)
  return list
}

/** AND of three-valued logic: one `false` decides, else one `undefined` leaves it open. */
function every(verdicts: (boolean | undefined)[]): boolean | undefined {
  return verdicts.includes(false) ? false : verdicts.includes(undefined) ? undefined : true
}

/** OR, likewise. */
function some(verdicts: (boolean | undefined)[]): boolean | undefined {
  return verdicts.includes(true) ? true : verdicts.includes(undefined) ? undefined : false
}

function isConditionValue(value: unknown): value is ConditionValue {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}

/** What a variable will hold is known only with the request. */
function isVariable(value: ConditionValue): boolean {
  return typeof value === 'string' && value.includes('${')
}
