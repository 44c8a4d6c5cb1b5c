import { sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  isFunctionDeclaration,
  isMethodDeclaration,
  isMethodSignatureDeclaration,
} from 'typescript/unstable/ast'
import { type Checker, type Symbol as Sym, SymbolFlags, type Type } from 'typescript/unstable/sync'
import { type Entry, readEntries } from './entries.ts'

/** A doc comment, taken apart. */
export interface Doc {
  text: string
  params: string[]
  returns: string
  throws: string[]
  example: string
  /** The text of `@default`. */
  preset: string
}

/** A property, an option or a method. Options inside an option are called `limits.files`. */
export interface Member {
  name: string
  /** As it is written in the source: a type, or a method's signature. */
  source: string
  isMethod: boolean
  doc: Doc
}

/** Something that a package exports. */
export interface Declaration {
  name: string
  kind: 'function' | 'class' | 'interface' | 'type' | 'constant'
  /** As it is written in the source, without the body. */
  source: string
  members: Member[]
  doc: Doc
}

const root = fileURLToPath(new URL('../../', import.meta.url))
const ours = `${root}packages${sep}`.toLowerCase()

/**
 * Reads what the entry files export, from the sources, by the TypeScript compiler. Takes about a second.
 */
export function readDeclarations(entries: Entry[]): Declaration[][] {
  return readEntries(entries, ({ checker }, exported) => {
    const reader = { checker, exported: new Set(exported.keys()) }
    return Array.from(exported, ([name, symbol]) => ({ ...declarationOf(reader, symbol), name }))
  })
}

interface Reader {
  checker: Checker
  /** Names that the module exports, and that have a place of their own on the page. */
  exported: ReadonlySet<string>
}

function declarationOf(reader: Reader, symbol: Sym): Declaration {
  const { name, flags } = symbol
  const doc = docOf(reader.checker, symbol)
  const source = headOf(nodeOf(symbol)).replace(/^export /, '')
  if (flags & SymbolFlags.Function) return { name, kind: 'function', source, members: [], doc }
  if (flags & SymbolFlags.Variable) return { name, kind: 'constant', source: '', members: [], doc }
  if (flags & (SymbolFlags.Class | SymbolFlags.Interface)) {
    const members = membersOf(reader, reader.checker.getDeclaredTypeOfSymbol(symbol))
    return { name, kind: flags & SymbolFlags.Class ? 'class' : 'interface', source: '', members, doc }
  }
  return { name, kind: 'type', source, members: [], doc }
}

/** Own members first, then inherited ones. Those that other packages declare, as for an Error, are left out. */
function membersOf(reader: Reader, type: Type, prefix = ''): Member[] {
  const home = type.getSymbol()?.declarations[0]?.path
  const isInherited = (one: Sym) => Number(one.declarations[0]?.path !== home)
  return reader.checker
    .getPropertiesOfType(type)
    .filter(isOurs)
    .toSorted((a, b) => isInherited(a) - isInherited(b))
    .flatMap((symbol) => memberOf(reader, symbol, prefix + symbol.name))
}

function memberOf(reader: Reader, symbol: Sym, name: string): Member[] {
  const { checker } = reader
  const doc = docOf(checker, symbol)
  const node = nodeOf(symbol)
  if (!node || /^override /.test(node.getText())) return []
  if (isMethodSignatureDeclaration(node) || isMethodDeclaration(node)) {
    return [{ name, isMethod: true, source: headOf(node), doc }]
  }
  const type = checker.getTypeOfSymbol(symbol)
  const written = 'type' in node ? (node.type as { getText(): string } | undefined)?.getText() : undefined
  const source = (written ?? (type ? checker.typeToString(type) : ''))
    .replace(/ \| undefined$/, '')
    .replace(/^\((\(.*\) => [^)]*)\)$/, '$1')
  const fields = type ? fieldsOf(reader, checker.getNonNullableType(type), source, name) : []
  return [{ name, isMethod: false, source: fields.length > 0 ? 'object' : source, doc }, ...fields]
}

/** The fields of an object that has no place of its own on the page. */
function fieldsOf(reader: Reader, type: Type | undefined, source: string, name: string): Member[] {
  const isPlain =
    /^(Partial|Omit)<|^[^(]*\{/.test(source) || (/^\w+$/.test(source) && !reader.exported.has(source))
  if (!type || !isPlain || !type.isObjectType()) return []
  const fields = membersOf(reader, type, `${name}.`)
  return fields.some(({ isMethod }) => isMethod) ? [] : fields
}

function isOurs(symbol: Sym): boolean {
  return symbol.declarations.some(({ path }) => path.toLowerCase().startsWith(ours))
}

/** The text of a declaration, without its body. */
function headOf(node: ReturnType<typeof nodeOf>): string {
  const text = node?.getText() ?? ''
  if (!node || !(isFunctionDeclaration(node) || isMethodDeclaration(node)) || !node.body) return text
  // `pos` counts the comment before the text.
  return text.slice(0, node.body.pos - (node.end - text.length)).trim()
}

function nodeOf(symbol: Sym) {
  return (symbol.valueDeclaration ?? symbol.declarations[0])?.resolve()
}

function docOf(checker: Checker, symbol: Sym): Doc {
  const tags = checker.getJsDocTagsOfSymbol(symbol)
  const all = (name: string) =>
    tags.filter((tag) => tag.name === name).map((tag) => String(tag.text ?? '').trim())
  return {
    text: checker.getDocumentationCommentOfSymbol(symbol).trim(),
    params: all('param'),
    returns: all('returns').join(' '),
    throws: all('throws'),
    example: all('example').join('\n'),
    preset: all('default').join(' '),
  }
}
