/**
 * Decides requests by IAM policies written in JSON, for identities and for buckets.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 *
 * Closed by default: whatever is not understood (an element, an operator, a value that cannot be
 * compared) never allows, and in a Deny it denies.
 */

import { conditionsMatch } from './conditions.ts'
import type { PolicyDocument, Principal, Statement } from './document.ts'
import { type Context, matchesGlob } from './glob.ts'
import { documentProblem, statementProblem, statementsOf } from './parse.ts'

export { PolicyError, parsePolicy } from './parse.ts'

/** What policies can refer to in a request. */
export interface RequestFacts {
  /** `s3:GetObject` */
  action: string
  /** `arn:aws:s3:::bucket` or `arn:aws:s3:::bucket/key` */
  resource: string
  /** Condition keys, e.g. `aws:SourceIp`, `aws:username`, `s3:prefix`. Absent or undefined: not in the request. */
  context: Record<string, string[] | string | undefined>
  /** The principal, as a bucket policy would name it. */
  principal?: string
}

export type Decision = 'allow' | 'deny' | 'none'

/**
 * The decision of all documents together: an explicit Deny anywhere wins, then an Allow anywhere;
 * `none` when nothing speaks of the request (which is to be refused as well).
 *
 *     evaluate([policy], { action: 's3:GetObject', resource: 'arn:aws:s3:::b/k', context: {} }) // 'allow'
 */
export function evaluate(documents: PolicyDocument[], facts: RequestFacts): Decision {
  const context = readContext(facts.context)
  let decision: Decision = 'none'
  for (const document of documents) {
    if (documentProblem(document) !== undefined) return 'deny'
    const variables = document.Version === '2012-10-17' ? context : undefined
    for (const statement of statementsOf(document)) {
      const applies =
        statementProblem(statement) === undefined
          ? statementApplies(statement, facts, context, variables)
          : undefined
      if (statement?.Effect === 'Allow') {
        if (applies === true) decision = 'allow'
      } else if (applies !== false) {
        return 'deny'
      }
    }
  }
  return decision
}

/** `undefined`: cannot be told, because a condition compares what cannot be compared. */
function statementApplies(
  statement: Statement,
  facts: RequestFacts,
  context: Context,
  variables: Context | undefined,
): boolean | undefined {
  const { Action, NotAction, Resource, NotResource, Principal, NotPrincipal, Condition } = statement
  const action = facts.action.toLowerCase()
  const listed =
    isListed(Action, NotAction, (pattern) => matchesGlob(pattern.toLowerCase(), action)) &&
    isListed(Resource, NotResource, (pattern) => matchesGlob(pattern, facts.resource, variables)) &&
    isListed(
      principals(Principal),
      principals(NotPrincipal),
      (name) => name === '*' || name === facts.principal,
    )
  return listed && conditionsMatch(Condition ?? {}, context, variables)
}

/** In the list, or not in the Not-list; true where the statement has neither. */
function isListed(
  list: string | string[] | undefined,
  notList: string | string[] | undefined,
  matches: (pattern: string) => boolean,
): boolean {
  if (list !== undefined) return [list].flat().some(matches)
  return notList === undefined || ![notList].flat().some(matches)
}

/** Services and federated users never come to this server, so only the other two types are read. */
function principals(principal: Principal | undefined): string[] | undefined {
  if (principal === undefined || principal === '*') return principal && ['*']
  return [principal.AWS ?? [], principal.CanonicalUser ?? []].flat()
}

function readContext(context: RequestFacts['context']): Context {
  const read = new Map<string, readonly string[]>()
  for (const [key, value] of Object.entries(context)) {
    if (value !== undefined) read.set(key.toLowerCase(), typeof value === 'string' ? [value] : value)
  }
  return read
}
