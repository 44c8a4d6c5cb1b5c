/**
 * Cross-origin requests, by the configuration of the bucket.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html
 */
import { S3Error } from '../errors.ts'
import { children, parseXml, text, texts } from '../xml/parse.ts'

export interface CorsRule {
  origins: string[]
  methods: string[]
  /** Headers that a request may have; with `*`, in any letter case. */
  headers: string[]
  exposed: string[]
  /** Seconds. */
  maxAge: string | undefined
}

/** @throws S3Error MalformedXML, InvalidRequest */
export function parseCors(xml: string): CorsRule[] {
  const rules = children(parseXml(xml, 'CORSConfiguration'), 'CORSRule').map(
    (rule): CorsRule => ({
      origins: texts(rule, 'AllowedOrigin'),
      methods: texts(rule, 'AllowedMethod'),
      headers: texts(rule, 'AllowedHeader'),
      exposed: texts(rule, 'ExposeHeader'),
      maxAge: text(rule, 'MaxAgeSeconds'),
    }),
  )
  if (rules.length === 0 || rules.length > 100) throw new S3Error('MalformedXML')
  for (const { origins, methods, headers, maxAge } of rules) {
    if (origins.length === 0 || methods.length === 0) throw new S3Error('MalformedXML')
    if (maxAge !== undefined && !/^\d{1,9}$/.test(maxAge)) throw new S3Error('MalformedXML')
    const wrong = methods.find((method) => !allowedMethods.has(method))
    if (wrong !== undefined) {
      throw new S3Error(
        'InvalidRequest',
        `Found unsupported HTTP method in CORS config. Unsupported method is ${wrong}`,
      )
    }
    const wild = [...origins, ...headers].find((value) => value.split('*').length > 2)
    if (wild !== undefined) {
      throw new S3Error('InvalidRequest', `"${wild}" can not have more than one wildcard.`)
    }
  }
  return rules
}

/**
 * The headers that let a page of this origin see the answer; undefined if no rule does.
 *
 * @param asked the header names that a preflight asks for, lower-case
 */
export function corsHeaders(
  rules: CorsRule[],
  { origin, method, asked }: { origin: string; method: string; asked: string[] | undefined },
): Record<string, string> | undefined {
  const rule = rules.find(
    ({ origins, methods, headers }) =>
      methods.includes(method) &&
      origins.some((pattern) => matches(pattern, origin)) &&
      (asked ?? []).every((name) => headers.some((pattern) => matches(pattern.toLowerCase(), name))),
  )
  if (rule === undefined) return undefined
  const anyone = rule.origins.find((pattern) => matches(pattern, origin)) === '*'
  return {
    'access-control-allow-origin': anyone ? '*' : origin,
    'access-control-allow-methods': rule.methods.join(', '),
    ...(anyone ? {} : { 'access-control-allow-credentials': 'true' }),
    ...(asked === undefined || asked.length === 0
      ? {}
      : { 'access-control-allow-headers': asked.join(', ') }),
    ...(rule.exposed.length === 0 ? {} : { 'access-control-expose-headers': rule.exposed.join(', ') }),
    ...(rule.maxAge === undefined || asked === undefined ? {} : { 'access-control-max-age': rule.maxAge }),
    vary,
  }
}

export const vary = 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method'

const allowedMethods = new Set(['GET', 'PUT', 'POST', 'DELETE', 'HEAD'])

/** One `*` stands for anything. */
function matches(pattern: string, value: string): boolean {
  const [start = '', end] = pattern.split('*')
  if (end === undefined) return pattern === value
  return value.length >= start.length + end.length && value.startsWith(start) && value.endsWith(end)
}
