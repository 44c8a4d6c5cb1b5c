import { sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  isFunctionDeclaration,
  isMethodDeclaration,
  isMethodSignatureDeclaration,
} from 'typescript/unstable/ast'
import {
  API,
  type Checker,
  type Project,
  type Symbol as Sym,
  SymbolFlags,
  type Type,
} from 'typescript/unstable/sync'

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
 *
 * @param entries path of an entry file, from the root of the repository, and its tsconfig.json
 */
export function readDeclarations(entries: { file: string; project: string }[]): Declaration[][] {
  const api = new API({ cwd: root })
  try {
    const snapshot = api.updateSnapshot({
      openProjects: [...new Set(entries.map((one) => root + one.project))],
    })
    return entries.map(({ file, project }) => {
      const found = snapshot.getProject(root + project)
      if (!found) throw new Error(`${project} is not a project.`)
      return exportsOf(found, root + file)
    })
  } finally {
    api.close()
  }
}

function exportsOf(project: Project, path: string): Declaration[] {
  const { checker, program } = project
  const file = program.getSourceFile(path)
  const module = file && checker.getSymbolAtLocation(file)
  if (!module) throw new Error(`${path} is not a module.`)
  return checker.getExportsOfModule(module).map((exported) => {
    const symbol = exported.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
    return { ...declarationOf(checker, symbol), name: exported.name }
  })
}

function declarationOf(checker: Checker, symbol: Sym): Declaration {
  const { name } = symbol
  const doc = docOf(checker, symbol)
  const node = nodeOf(symbol)
  const text = node?.getText() ?? ''
  if (symbol.flags & SymbolFlags.Function) {
    const head =
      node && isFunctionDeclaration(node) && node.body ? text.slice(0, node.body.pos - start(node)) : text
    return { name, kind: 'function', source: head.replace(/^export /, '').trim(), members: [], doc }
  }
  if (symbol.flags & SymbolFlags.Variable) return { name, kind: 'constant', source: '', members: [], doc }
  const isClass = (symbol.flags & SymbolFlags.Class) !== 0
  if (!isClass && (symbol.flags & SymbolFlags.Interface) === 0) {
    return { name, kind: 'type', source: text.replace(/^export /, ''), members: [], doc }
  }
  const members = membersOf(checker, checker.getDeclaredTypeOfSymbol(symbol))
  return { name, kind: isClass ? 'class' : 'interface', source: '', members, doc }
}

function membersOf(checker: Checker, type: Type, prefix = ''): Member[] {
  const home = type.getSymbol()?.declarations[0]?.path
  const isInherited = (one: Sym) => Number(one.declarations[0]?.path !== home)
  const symbols = checker.getPropertiesOfType(type).toSorted((a, b) => isInherited(a) - isInherited(b))
  return symbols.flatMap((symbol): Member[] => {
    const node = nodeOf(symbol)
    if (
      !node ||
      /^override /.test(node.getText()) ||
      !symbol.declarations.some(({ path }) => path.toLowerCase().startsWith(ours))
    )
      return []
    const doc = docOf(checker, symbol)
    const name = prefix + symbol.name
    if (isMethodSignatureDeclaration(node) || isMethodDeclaration(node)) {
      const text = node.getText()
      const body = isMethodDeclaration(node) ? node.body : undefined
      return [
        { name, isMethod: true, source: body ? text.slice(0, body.pos - start(node)).trim() : text, doc },
      ]
    }
    const written = 'type' in node ? (node.type as { getText(): string } | undefined)?.getText() : undefined
    const own = checker.getTypeOfSymbol(symbol)
    const source = (written ?? (own ? checker.typeToString(own) : ''))
      .replace(/ \| undefined$/, '')
      .replace(/^\((\(.*\) => [^)]*)\)$/, '$1')
    const isOptions = /^(Partial|Omit)<|^[^(]*\{/.test(source)
    const inner = isOptions && own ? checker.getNonNullableType(own) : undefined
    const nested = inner ? membersOf(checker, inner, `${name}.`) : []
    return [{ name, isMethod: false, source: nested.length > 0 ? 'object' : source, doc }, ...nested]
  })
}

function nodeOf(symbol: Sym) {
  return (symbol.valueDeclaration ?? symbol.declarations[0])?.resolve()
}

/** Where its text begins: `pos` counts the comment before it. */
function start(node: { pos: number; end: number; getText(): string }): number {
  return node.end - node.getText().length
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
