import {
  type Checker,
  type Project,
  type Symbol as Sym,
  SymbolFlags,
  type Type,
} from 'typescript/unstable/sync'
import { readEntries } from '../reference/entries.ts'

/** A JSON Schema (2020-12), as far as wire types need it. */
export type Schema = Record<string, unknown>

/** The smallest project that has these types. */
const entry = { file: 'packages/protocol/src/index.ts', project: 'packages/client/tsconfig.json' }

/** What the types don't say: numbers are whole, but for these. */
const fractional = new Set(['duration'])
/** Of a member, by its name. */
const formats: [RegExp, Schema][] = [
  [/^sentSha256$|^sha256$/, { pattern: '^[0-9a-f]{64}$' }],
  [/^(?!taken).*(At|Until)$/, { format: 'date-time' }],
]

/**
 * A JSON Schema for each type that the package `protocol` exports, with the text of its doc comments, by the TypeScript
 * compiler. Takes about a second.
 */
export function readSchemas(): Record<string, Schema> {
  const [schemas = {}] = readEntries([entry], ({ checker }: Project, exported) => {
    const reader: Reader = { checker, exported: new Set(exported.keys()) }
    const types = [...exported].filter(
      ([, { flags }]) => flags & (SymbolFlags.Interface | SymbolFlags.TypeAlias),
    )
    return Object.fromEntries(
      types
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, symbol]) => {
          const type = checker.getDeclaredTypeOfSymbol(symbol)
          return [name, { ...described(checker, symbol), ...schemaOf(reader, type, name) }]
        }),
    )
  })
  return schemas
}

interface Reader {
  checker: Checker
  /** Types that have a schema of their own. */
  exported: ReadonlySet<string>
}

/** @param name of the member or type that it stands at; a type is not referred to by itself */
function schemaOf(reader: Reader, type: Type, name: string): Schema {
  const { checker, exported } = reader
  // A string beside literals, which editors offer then: `string & {}`.
  if (type.isIntersectionType() && type.getTypes().some((one) => one.isIntrinsicType()))
    return { type: 'string' }
  const known = type.getAliasSymbol()?.name ?? type.getSymbol()?.name ?? ''
  if (known !== name && exported.has(known)) return { $ref: `#/components/schemas/${known}` }
  if (type.isTypeParameter()) return {}
  if (type.isIntrinsicType()) return intrinsic(type.intrinsicName, name)
  if (type.isLiteralType()) return { const: type.value }
  if (type.isUnionType()) return unionOf(reader, type.getTypes(), name)
  if (checker.isArrayType(type) && type.isTypeReference()) {
    const [item] = checker.getTypeArguments(type)
    return { type: 'array', items: item ? schemaOf(reader, item, '') : {} }
  }
  return objectOf(reader, type, checker.getPropertiesOfType(type))
}

function intrinsic(called: string, name: string): Schema {
  if (called === 'string') return { type: 'string', ...formats.find(([pattern]) => pattern.test(name))?.[1] }
  if (called === 'number') return { type: fractional.has(name) ? 'number' : 'integer' }
  if (called === 'null' || called === 'boolean') return { type: called }
  if (called === 'unknown') return {}
  throw new Error(`${name} is of the type ${called}, which is none of the wire.`)
}

function unionOf(reader: Reader, types: readonly Type[], name: string): Schema {
  const all = types.filter((one) => !(one.isIntrinsicType() && one.intrinsicName === 'undefined'))
  const literals = all.filter((one) => one.isLiteralType())
  const schemas = all.filter((one) => !one.isLiteralType()).map((one) => schemaOf(reader, one, name))
  const isText = schemas.some(({ type }) => type === 'string')
  const values = literals.map(({ value }) => value)
  if (values.includes(true) && values.includes(false)) schemas.push({ type: 'boolean' })
  else if (values.length === 1) schemas.push({ const: values[0] })
  else if (values.length > 1 && !isText) schemas.push({ enum: values })
  const distinct = [...new Map(schemas.map((one) => [JSON.stringify(one), one])).values()]
  // What may be anything, may be null, too.
  if (distinct.some((one) => Object.keys(one).length === 0)) return {}
  const [first, second, ...more] = distinct
  if (first && !second) return first
  const isNullable = first?.type === 'null' && typeof second?.type === 'string' && more.length === 0
  return isNullable ? { ...second, type: [second.type, 'null'] } : { anyOf: distinct }
}

function objectOf(reader: Reader, type: Type, members: readonly Sym[]): Schema {
  const { checker } = reader
  const properties: Record<string, Schema> = {}
  const required: string[] = []
  for (const member of members) {
    const of = checker.getTypeOfSymbol(member)
    const isOptional = Boolean(member.flags & SymbolFlags.Optional)
    if (!of || isNever(checker, of)) continue
    properties[member.name] = { ...schemaOf(reader, of, member.name), ...described(checker, member) }
    if (!isOptional) required.push(member.name)
  }
  const [index] = checker.getIndexInfosOfType(type)
  return {
    type: 'object',
    ...(members.length > 0 ? { properties } : {}),
    ...(required.length > 0 ? { required } : {}),
    ...(index ? { additionalProperties: schemaOf(reader, index.valueType, '') } : {}),
  }
}

/** `put?: never`: it is not there. */
function isNever(checker: Checker, type: Type): boolean {
  return /^(never|undefined)$/.test(checker.typeToString(type))
}

function described(checker: Checker, symbol: Sym): Schema {
  const text = checker.getDocumentationCommentOfSymbol(symbol).trim()
  // Links lead to other types of the same document.
  return text === ''
    ? {}
    : { description: text.replace(/\{@link (\w+)\}/g, '`$1`').replace(/\s*\n\s*/g, ' ') }
}
