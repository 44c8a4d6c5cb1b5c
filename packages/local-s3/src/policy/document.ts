/** A policy in the language of AWS. */
export interface PolicyDocument {
  /** `2012-10-17`; without it, policy variables are plain text. */
  Version?: string
  /** A name of your choice. */
  Id?: string
  /** What is allowed and denied. */
  Statement: Statement | Statement[]
}

/** One rule of a policy. */
export interface Statement {
  /** A name of your choice. */
  Sid?: string
  /** A denial goes before all that is allowed. */
  Effect: 'Allow' | 'Deny'
  /** Only in bucket policies: `"*"` or `{ AWS: ... }`. */
  Principal?: Principal
  /** Everybody but these. */
  NotPrincipal?: Principal
  /** `s3:GetObject`, with `*` and `?`; letter case does not matter. */
  Action?: string | string[]
  /** Everything but these. */
  NotAction?: string | string[]
  /** `arn:aws:s3:::bucket/key`, with `*`, `?` and policy variables. */
  Resource?: string | string[]
  /** Everything but these. */
  NotResource?: string | string[]
  /** Operator, then context key, then the values, of which one has to match. */
  Condition?: Record<string, Record<string, ConditionValue | ConditionValue[]>>
}

/** The people and accounts that a bucket policy is about: everybody, or the ARNs of some. */
export type Principal = '*' | Record<string, string | string[]>
/** What a condition compares with. */
export type ConditionValue = string | number | boolean
