import { type ErrorCode, errorTable } from '../errors.ts'
import { filePondOperations } from './filepond.ts'
import { mediaOperations } from './media.ts'
import { type Answer, errors, type Operation, type Operations, ref, type Schema } from './operation.ts'
import { otherOperations } from './others.ts'
import { resumableOperations } from './resumable.ts'
import { schemas } from './schemas.ts'
import { undoOperations } from './undo.ts'
import { uploadOperations } from './uploads.ts'

/** What is said of each route, by method and path: `GET /media/:id`. */
export const operations: Operations = {
  ...mediaOperations,
  ...undoOperations,
  ...uploadOperations,
  ...resumableOperations,
  ...filePondOperations,
  ...otherOperations,
}

/** Of the HTTP API: that of the packages. */
export const apiVersion = '0.1.0'

/** A route that is served. */
export interface ServedRoute {
  /** Below the mount: `/media/:id`. */
  path: string
  methods: readonly string[]
}

export interface OpenApiDocument {
  openapi: string
  info: Schema
  servers: { url: string }[]
  security: Schema[]
  paths: Record<string, Record<string, Schema>>
  components: Schema
}

/**
 * OpenAPI 3.1 of these routes. One that nothing is known of stands there with its method alone.
 *
 * @param options.server where they are mounted: a path or an address
 * @example openApiDocument({ routes: [{ path: '/usage', methods: ['GET'] }], server: '/api' }).paths['/usage']
 */
export function openApiDocument({
  routes,
  server,
}: {
  routes: readonly ServedRoute[]
  server: string
}): OpenApiDocument {
  const paths: OpenApiDocument['paths'] = {}
  for (const { path, methods } of routes) {
    const names = [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
      in: 'path',
      name,
      required: true,
      schema: { type: 'string' },
    }))
    paths[path.replace(/:(\w+)/g, '{$1}')] = {
      ...(names.length > 0 ? { parameters: names as unknown as Schema } : {}),
      ...Object.fromEntries(
        methods.map((one) => [one.toLowerCase(), describe(operations[`${one} ${path}`])]),
      ),
    }
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Tintype',
      version: apiVersion,
      description: about,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: server }],
    security: [{ bearer: [] }, { cookie: [] }, {}],
    paths,
    components: { schemas, headers, securitySchemes },
  }
}

function describe(operation: Operation | undefined): Schema {
  if (!operation) return { responses: { default: problem('An error.') } }
  const { id, summary, description, parameters, body, answers, isPublic } = operation
  const codes = [...new Set([...errors.everywhere, ...operation.errors])]
  return {
    operationId: id,
    summary,
    ...(description === undefined ? {} : { description }),
    ...(isPublic ? { security: [{}] } : {}),
    ...(parameters ? { parameters } : {}),
    ...(body ? { requestBody: { required: !body.isOptional, content: contentOf(body.content) } } : {}),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, answer]) => [status, describeAnswer(answer)]),
      ),
      ...problems(codes),
      default: problem('What the app itself refuses, by a status and a code of its own.'),
    },
  }
}

function describeAnswer({ description, content, headers = [] }: Answer): Schema {
  const all = ['X-Request-Id', ...headers]
  return {
    description,
    headers: Object.fromEntries(all.map((one) => [one, { $ref: `#/components/headers/${one}` }])),
    ...(content ? { content: contentOf(content) } : {}),
  }
}

function contentOf(content: Record<string, Schema>): Schema {
  return Object.fromEntries(Object.entries(content).map(([type, schema]) => [type, { schema }]))
}

/** By status, with the codes that it may have. */
function problems(codes: readonly ErrorCode[]): Record<string, Schema> {
  const statuses = [...new Set(codes.map((code) => errorTable[code].status))].sort()
  return Object.fromEntries(
    statuses.map((status) => {
      const those = codes.filter((code) => errorTable[code].status === status)
      const titles = those.map((code) => `\`${code}\`: ${errorTable[code].title}.`).join('\n\n')
      return [String(status), problem(titles, those)]
    }),
  )
}

/** @param codes those of the error table; without them, any */
function problem(description: string, codes?: readonly ErrorCode[]): Schema {
  const code = codes && { properties: { code: { examples: codes } } }
  return {
    description,
    headers: { 'X-Request-Id': { $ref: '#/components/headers/X-Request-Id' } },
    content: {
      'application/problem+json': { schema: code ? { allOf: [ref('Problem'), code] } : ref('Problem') },
    },
  }
}

const about = `Photos and videos from browsers into S3. HEAD is answered wherever GET is. Errors are problem details
(RFC 9457) with a stable \`code\`; a browser that asks for \`text/html\` gets them as a small page. To a client, any 5xx and
any cut connection mean that the outcome is unknown: it asks again.`

const header = (description: string) => ({ description, required: true, schema: { type: 'string' } })
const headers = {
  'X-Request-Id': header('Names this request in the log of the server.'),
  Location: header('Where it is.'),
  ETag: header('For If-None-Match, and of a media for If-Match.'),
  'Retry-After': header('Seconds after which it is worth asking again.'),
}

const securitySchemes = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description: 'The token of the ready server. An app decides itself.',
  },
  cookie: {
    type: 'apiKey',
    in: 'cookie',
    name: 'tintype_session',
    description: 'Of the ready server’s sign-in.',
  },
}
