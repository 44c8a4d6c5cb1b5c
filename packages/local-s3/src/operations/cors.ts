import type { IncomingMessage, ServerResponse } from 'node:http'
import { readSmallBody } from '../body.ts'
import { type Operation, sendXml } from '../context.ts'
import { accessDenied, S3Error } from '../errors.ts'
import type { Storage } from '../storage.ts'
import { fromXml, toXml, type XmlNode } from '../xml.ts'

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html */
interface CorsRule {
  AllowedOrigin: string[]
  AllowedMethod: string[]
  AllowedHeader?: string[]
  ExposeHeader?: string[]
  MaxAgeSeconds?: string
}

export const putBucketCors: Operation = async ({ req, res, query, auth, storage, bucket }) => {
  const { CORSRule: rules } = fromXml(await readSmallBody(req, query, auth), 'CORSConfiguration')
  const valid =
    Array.isArray(rules) &&
    rules.length <= 100 &&
    rules.every((rule) => rule.AllowedOrigin && rule.AllowedMethod)
  if (!valid)
    throw new S3Error('MalformedXML', 'A CORSConfiguration has 1 to 100 rules with origins and methods')
  storage.setConfiguration(bucket, 'cors', JSON.stringify(rules))
  res.end()
}

export const getBucketCors: Operation = (context) => {
  const rules = readRules(context.storage, context.bucket)
  if (rules.length === 0) {
    throw new S3Error('NoSuchCORSConfiguration', 'The CORS configuration does not exist')
  }
  sendXml(context, toXml('CORSConfiguration', { CORSRule: rules as unknown as XmlNode[] }))
}

export const deleteBucketCors: Operation = ({ res, storage, bucket }) => {
  storage.setConfiguration(bucket, 'cors', undefined)
  res.writeHead(204).end()
}

/** Adds what a page of the request's origin needs in order to read the answer. */
export function setCorsHeaders(
  req: IncomingMessage,
  res: ServerResponse,
  storage: Storage,
  bucket: string,
): void {
  const { origin } = req.headers
  if (origin === undefined) return
  const rule = readRules(storage, bucket).find((one) => matches(one, origin, req.method ?? '', []))
  if (rule) allow(res, rule, origin)
}

/** Preflights carry no signature: they are answered from the bucket's configuration alone. */
export function answerPreflight(
  req: IncomingMessage,
  res: ServerResponse,
  storage: Storage,
  bucket: string,
): void {
  const { origin, 'access-control-request-method': method } = req.headers
  if (origin === undefined || method === undefined) {
    throw new S3Error('InvalidRequest', 'Insufficient information. Origin request header needed.')
  }
  const asked = req.headers['access-control-request-headers']?.split(',').map((name) => name.trim()) ?? []
  const rule = readRules(storage, bucket).find((one) => matches(one, origin, method, asked))
  if (!rule) throw accessDenied('CORSResponse: This CORS request is not allowed.')
  allow(res, rule, origin)
  res.setHeader('Access-Control-Allow-Methods', rule.AllowedMethod.join(', '))
  if (asked.length > 0) res.setHeader('Access-Control-Allow-Headers', asked.join(', ').toLowerCase())
  if (rule.MaxAgeSeconds) res.setHeader('Access-Control-Max-Age', rule.MaxAgeSeconds)
  res.writeHead(200, { 'Content-Length': 0 }).end()
}

function allow(res: ServerResponse, rule: CorsRule, origin: string): void {
  const any = rule.AllowedOrigin.includes('*')
  res.setHeader('Access-Control-Allow-Origin', any ? '*' : origin)
  if (!any) res.setHeader('Access-Control-Allow-Credentials', 'true')
  if (rule.ExposeHeader) res.setHeader('Access-Control-Expose-Headers', rule.ExposeHeader.join(', '))
  res.setHeader('Vary', 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method')
}

function matches(rule: CorsRule, origin: string, method: string, headers: string[]): boolean {
  return (
    rule.AllowedOrigin.some((pattern) => wildcard(pattern, origin)) &&
    rule.AllowedMethod.includes(method) &&
    headers.every((name) =>
      (rule.AllowedHeader ?? []).some((pattern) => wildcard(pattern.toLowerCase(), name.toLowerCase())),
    )
  )
}

/** At most one asterisk. */
function wildcard(pattern: string, text: string): boolean {
  const at = pattern.indexOf('*')
  if (at < 0) return pattern === text
  const [head, tail] = [pattern.slice(0, at), pattern.slice(at + 1)]
  return text.length >= head.length + tail.length && text.startsWith(head) && text.endsWith(tail)
}

function readRules(storage: Storage, bucket: string): CorsRule[] {
  const json = storage.getConfiguration(bucket, 'cors')
  return json === undefined ? [] : JSON.parse(json)
}
