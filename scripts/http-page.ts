import { type ErrorCode, errorTable } from '@tintype/protocol'
import { errors, type Operation, operations, type Schema, schemas } from '@tintype/protocol/openapi'

/** docs/http.md: every route, as the OpenAPI document describes it, for people. */
export function httpPage(): string {
  const routes = Object.entries(operations)
  const list = routes.map(([route, { summary }]) => `| [\`${route}\`](#${slug(route)}) | ${summary} |`)
  const types = Object.entries(schemas).map(([name, schema]) => typeSection(name, schema))
  return [
    intro,
    table(['route', ''], list),
    `Every route may answer ${codes(errors.everywhere)}.`,
    '## Routes',
    ...routes.map(([route, operation]) => routeSection(route, operation)),
    '## Types',
    ...types,
  ]
    .join('\n\n')
    .concat('\n')
}

const intro = `# HTTP

Every route of the API, below where it is mounted: \`/api\` in the ready server. \`node scripts/http-doc.ts\` writes this page from
the same source as [\`GET /api/openapi.json\`](openapi.md); a test holds it to that, and tests hold that to what is answered.

Errors are problem details ([errors.md](errors.md)). HEAD is answered wherever GET is. To a client, any 5xx and any cut connection
mean that the outcome is unknown: it asks again, with the same \`Idempotency-Key\`. The ready server's token travels as
\`Authorization: Bearer\`, or as the cookie of its sign-in; an app decides itself who a request belongs to.`

function routeSection(route: string, operation: Operation): string {
  const { summary, description, parameters = [], body, answers } = operation
  const everywhere: readonly string[] = errors.everywhere
  const own = [...new Set(operation.errors)].filter((code) => !everywhere.includes(code))
  const parts = [`### ${route}`, description ? `${summary} ${description}` : summary]
  if (operation.isPublic) parts.push('Anybody may ask.')
  if (parameters.length > 0) {
    const rows = parameters.map(
      (one) => `| \`${one.name}\` | ${one.in} | ${kindOf(one.schema)} | ${cell(one.description)} |`,
    )
    parts.push(table(['parameter', 'in', 'value', 'meaning'], rows))
  }
  if (body) {
    const rows = Object.entries(body.content).map(([type, schema]) => `| \`${type}\` | ${kindOf(schema)} |`)
    parts.push(table([body.isOptional ? 'body (may be left out)' : 'body', ''], rows))
  }
  const rows = Object.entries(answers).map(([status, { description, content, headers = [] }]) => {
    const shapes = Object.values(content ?? {}).map(kindOf)
    const named = headers.map((one) => `\`${one}\``).join(', ')
    return `| ${status} | ${cell(description)} | ${[...new Set(shapes)].join(' or ')} | ${named} |`
  })
  parts.push(table(['status', '', 'body', 'headers'], rows))
  if (own.length > 0) parts.push(`Errors: ${codes(own)}.`)
  return parts.join('\n\n')
}

function typeSection(name: string, schema: Schema): string {
  const {
    description,
    properties,
    required = [],
    ...rest
  } = schema as {
    description?: string
    properties?: Record<string, Schema>
    required?: readonly string[]
  }
  const parts = [`### ${name}`]
  if (description) parts.push(description)
  if (!properties) return [...parts, name === 'ErrorCode' ? '' : kindOf(rest)].filter(Boolean).join('\n\n')
  const rows = Object.entries(properties).map(([member, of]) => {
    const always = required.includes(member) ? '' : '?'
    return `| \`${member}${always}\` | ${kindOf(of)} | ${cell(String(of.description ?? ''))} |`
  })
  return [...parts, table(['member', 'value', 'meaning'], rows)].join('\n\n')
}

/** A schema in a few words: links to those that have a name. */
function kindOf(schema: Schema): string {
  const { $ref, type, items, anyOf, allOf, oneOf, properties, format, minimum, maximum, maxLength, pattern } =
    schema as Record<string, unknown> & { items?: Schema; properties?: Record<string, Schema> }
  const values = schema.enum as unknown[] | undefined
  const several = (anyOf ?? oneOf ?? allOf) as Schema[] | undefined
  if (typeof $ref === 'string') {
    const name = $ref.split('/').at(-1) ?? ''
    return `[${name}](#${name.toLowerCase()})`
  }
  if (values) return values.map((one) => `\`${one}\``).join(', ')
  if ('const' in schema) return `\`${schema.const}\``
  if (several) return several.map(kindOf).join(allOf ? ' and ' : ' or ')
  if (items) return `list of ${kindOf(items)}`
  if (properties) {
    return Object.entries(properties)
      .map(([name, of]) => `\`${name}\`: ${kindOf(of)}`)
      .join(', ')
  }
  if (format === 'binary') return 'bytes'
  const between = minimum !== undefined && maximum !== undefined ? `, ${minimum} to ${maximum}` : ''
  const longest = maxLength === undefined ? '' : `, at most ${maxLength}`
  const detail = pattern === '^[0-9a-f]{64}$' ? ', 64 hex digits' : format ? `, ${format}` : ''
  return `${[type ?? 'anything'].flat().join(' or ')}${between}${longest}${detail}`
}

const codes = (all: readonly string[]) =>
  all.map((code) => `${errorTable[code as ErrorCode].status} \`${code}\``).join(', ')
const table = (head: string[], rows: string[]) =>
  [`| ${head.join(' | ')} |`, `|${head.map(() => '---').join('|')}|`, ...rows].join('\n')
const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

/** GitHub's address of a heading. */
const slug = (route: string) =>
  route
    .toLowerCase()
    .replace(/[^\w -]/g, '')
    .replaceAll(' ', '-')
