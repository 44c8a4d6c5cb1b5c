import assert from 'node:assert/strict'
import { errorTable } from '@tintype/protocol'
import { type OpenApiDocument, openApiDocument, operations, type Schema } from '@tintype/protocol/openapi'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'

/** Whether what is answered is what the OpenAPI document says: held against real answers. */
export interface Contract {
  /** `fetch`, which throws where an answer is not as described. Only paths below `/api` are looked at. */
  fetch: typeof fetch
  /** What was answered so far: `GET /media 200`. */
  seen: ReadonlySet<string>
  /** Codes of ours in answers of routes that don't list them: `POST /media 422 not_decodable`. */
  unlisted: ReadonlySet<string>
}

interface Described {
  responses: Record<
    string,
    { headers?: Record<string, unknown>; content?: Record<string, { schema: Schema }> }
  >
}

const mount = '/api'

export function createContract(send: typeof fetch = fetch): Contract {
  const routes = Object.keys(operations).map((one) => {
    const [method = '', path = ''] = one.split(' ')
    return { path, methods: [method] }
  })
  const paths: OpenApiDocument['paths'] = {}
  for (const route of routes) {
    for (const [path, found] of Object.entries(openApiDocument({ routes: [route], server: mount }).paths)) {
      paths[path] = { ...paths[path], ...found }
    }
  }
  const document = openApiDocument({ routes: [], server: mount })
  // Members that nothing says are there are errors, in tests; in the field they are news.
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  addFormats.default(ajv)
  ajv.addSchema({ $id: 'contract', ...(closed({ paths, components: document.components }) as object) })
  const validators = new Map<string, ValidateFunction>()
  const patterns = Object.keys(paths)
    // What is written out comes before what may be anything.
    .sort((a, b) => a.split('{').length - b.split('{').length)
    .map((path) => ({ path, pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}/?$`, 'i') }))
  const seen = new Set<string>()
  const unlisted = new Set<string>()

  function validatorOf(pointer: string): ValidateFunction {
    const validate = validators.get(pointer) ?? ajv.compile({ $ref: `contract#${pointer}` })
    validators.set(pointer, validate)
    return validate
  }

  async function check(method: string, path: string, response: Response): Promise<void> {
    const found = patterns.find(({ pattern }) => pattern.test(path))?.path
    const verb = method === 'HEAD' && !(found && paths[found]?.head) ? 'get' : method.toLowerCase()
    const described = found === undefined ? undefined : (paths[found]?.[verb] as Described | undefined)
    const type = response.headers.get('content-type')?.replace(/;.*/, '') ?? ''
    const at = `${method} ${found ?? path} ${response.status}`
    // Nothing is there, or no such method; or a page for a browser.
    if (!described || found === undefined || type === 'text/html') return
    seen.add(at)
    const status = described.responses[response.status] ? String(response.status) : 'default'
    const isError = type === 'application/problem+json'
    assert.ok(status !== 'default' || isError, `${at} is not described.`)
    const { content = {}, headers = {} } = described.responses[status] ?? {}
    for (const header of Object.keys(headers))
      assert.ok(response.headers.has(header), `${at} has no ${header}.`)
    if (method === 'HEAD' || type === '' || response.status === 304) return
    assert.ok(content[type], `${at} is ${type}, which is not described.`)
    if (!type.endsWith('json')) return
    const pointer = `/paths/${escaped(found)}/${verb}/responses/${status}/content/${escaped(type)}/schema`
    const body: unknown = await response.clone().json()
    const validate = validatorOf(pointer)
    assert.ok(
      validate(body),
      `${at}: ${ajv.errorsText(validate.errors)} in ${JSON.stringify(body).slice(0, 2000)}`,
    )
    const { code } = body as { code?: string }
    if (isError && code !== undefined && Object.hasOwn(errorTable, code) && !isListed(content[type], code)) {
      unlisted.add(`${at} ${code}`)
    }
  }

  return {
    async fetch(input, init) {
      const response = await send(input, init)
      const url = new URL(input instanceof Request ? input.url : String(input))
      const method = init?.method ?? (input instanceof Request ? input.method : 'GET')
      if (
        !response.redirected &&
        url.pathname.startsWith(`${mount}/`) &&
        !url.pathname.startsWith(`${mount}/s3/`)
      ) {
        await check(method, url.pathname.slice(mount.length), response)
      }
      return response
    },
    seen,
    unlisted,
  }
}

function isListed(content: { schema: Schema }, code: string): boolean {
  const { allOf } = content.schema as { allOf?: [Schema, { properties: { code: { examples: string[] } } }] }
  return allOf?.[1].properties.code.examples.includes(code) ?? false
}

/** The same schemas, with no member beside those that they name. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed)
  if (typeof schema !== 'object' || schema === null) return schema
  const same = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]))
  const isObject = 'properties' in schema && 'type' in schema
  return isObject && !('additionalProperties' in schema) ? { ...same, unevaluatedProperties: false } : same
}

function escaped(text: string): string {
  return encodeURIComponent(text.replaceAll('~', '~0').replaceAll('/', '~1'))
}
