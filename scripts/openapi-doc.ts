// Writes the JSON Schemas of the wire types, which GET /api/openapi.json shows: node scripts/openapi-doc.ts
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { readSchemas } from './openapi/schemas.ts'

const file = fileURLToPath(new URL('../packages/protocol/src/openapi/schemas.ts', import.meta.url))
const lines = Object.entries(readSchemas()).map(([name, { properties, ...schema }]) => {
  const head = JSON.stringify(schema).slice(0, -1)
  if (properties === undefined) return `  ${name}: ${head}},`
  const members = Object.entries(properties as object).map(
    ([member, of]) => `    ${JSON.stringify(member)}: ${JSON.stringify(of)},`,
  )
  return `  ${name}: ${head},"properties":{\n${members.join('\n')}\n  }},`
})
const about =
  '// Made of the types of this package and their doc comments: `node scripts/openapi-doc.ts`. A test holds it to them.'
writeFileSync(file, `${about}\nexport const schemas = {\n${lines.join('\n')}\n} as const\n`)
