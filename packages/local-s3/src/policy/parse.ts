import { conditionProblem } from './conditions.ts'
import type { PolicyDocument, Statement } from './document.ts'
import { isObject } from './is-object.ts'

/** The policy document is not valid; the message says which part, and what it has to be. */
export class PolicyError extends Error {
  override name = 'PolicyError'
}

/**
 * Reads a policy document from JSON text or from parsed JSON and checks every part of it, so that
 * mistakes show when a policy is set rather than when it is needed.
 *
 * `kind` checks what differs: a bucket's policy names its Principal, an identity's must not.
 *
 * @throws PolicyError
 */
export function parsePolicy(json: string | object, kind?: 'identity' | 'bucket'): PolicyDocument {
  let document: unknown = json
  if (typeof json === 'string') {
    try {
      document = JSON.parse(json)
    } catch (cause) {
      throw new PolicyError('The policy is not valid JSON.', { cause })
    }
  }
  const problem = documentProblem(document) ?? everyStatement(document as PolicyDocument, kind)
  if (problem !== undefined) throw new PolicyError(problem)
  return document as PolicyDocument
}

/** Why the document around its statements cannot be understood, as a sentence. */
export function documentProblem(document: unknown): string | undefined {
  if (!isObject(document)) return 'The policy must be a JSON object.'
  const unknown = Object.keys(document).find((key) => !documentElements.has(key))
  if (unknown !== undefined) return `The policy has an unknown element ${unknown}.`
  const { Version, Statement } = document
  if (Version !== undefined && Version !== '2012-10-17' && Version !== '2008-10-17') {
    return 'Version must be 2012-10-17 or 2008-10-17.'
  }
  if (!isObject(Statement) && !Array.isArray(Statement))
    return 'Statement must be an object or a list of them.'
  return undefined
}

/** Why a statement cannot be understood, as a sentence. */
export function statementProblem(statement: unknown): string | undefined {
  if (!isObject(statement)) return 'Each Statement must be an object.'
  const unknown = Object.keys(statement).find((key) => !statementElements.has(key))
  if (unknown !== undefined) return `Statement has an unknown element ${unknown}.`
  const { Effect, Sid, Condition } = statement
  if (Effect !== 'Allow' && Effect !== 'Deny') return 'Effect must be Allow or Deny.'
  if (Sid !== undefined && typeof Sid !== 'string') return 'Sid must be a string.'
  return (
    exactlyOne(
      statement,
      'Action',
      'NotAction',
      (value) => value === '*' || /^[\w-]+:[\w*?]+$/.test(value),
    ) ??
    exactlyOne(statement, 'Resource', 'NotResource', (value) => value === '*' || value.startsWith('arn:')) ??
    principalProblem(statement) ??
    (Condition === undefined ? undefined : conditionProblem(Condition))
  )
}

/** The statements of a document, whose Statement may stand alone. */
export function statementsOf(document: PolicyDocument): Statement[] {
  return Array.isArray(document.Statement) ? document.Statement : [document.Statement]
}

const documentElements = new Set(['Version', 'Id', 'Statement'])
const statementElements = new Set(
  'Sid Effect Principal NotPrincipal Action NotAction Resource NotResource Condition'.split(' '),
)
const principalTypes = new Set(['AWS', 'CanonicalUser', 'Service', 'Federated'])

function everyStatement(
  document: PolicyDocument,
  kind: 'identity' | 'bucket' | undefined,
): string | undefined {
  for (const statement of statementsOf(document)) {
    const problem = statementProblem(statement)
    if (problem !== undefined) return problem
    const named = 'Principal' in statement || 'NotPrincipal' in statement
    if (kind === 'bucket' && !named) return 'Each Statement of a bucket policy must have a Principal.'
    if (kind === 'identity' && named) return "An identity's policy must not have a Principal."
  }
  return undefined
}

function exactlyOne(
  statement: Record<string, unknown>,
  name: string,
  notName: string,
  isValid: (value: string) => boolean,
): string | undefined {
  if (name in statement === notName in statement) return `Statement must have either ${name} or ${notName}.`
  const present = name in statement ? name : notName
  const values = listOfStrings(statement[present])
  if (values === undefined) return `${present} must be a string or a list of strings.`
  const wrong = values.find((value) => !isValid(value))
  return wrong === undefined ? undefined : `${present} has an invalid value ${wrong}.`
}

function principalProblem(statement: Record<string, unknown>): string | undefined {
  if ('Principal' in statement && 'NotPrincipal' in statement) {
    return 'Statement must not have both Principal and NotPrincipal.'
  }
  const principal = statement.Principal ?? statement.NotPrincipal ?? '*'
  if (principal === '*') return undefined
  const types = isObject(principal) ? Object.entries(principal) : []
  const understood = types.every(
    ([type, values]) => principalTypes.has(type) && listOfStrings(values) !== undefined,
  )
  return types.length > 0 && understood
    ? undefined
    : 'Principal must be "*" or an object such as { "AWS": "*" }.'
}

function listOfStrings(value: unknown): string[] | undefined {
  const list = Array.isArray(value) ? value : [value]
  return list.length > 0 && list.every((item) => typeof item === 'string') ? list : undefined
}
