import { sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  isExpressionWithTypeArguments,
  isTypeReferenceNode,
  type Node,
  SyntaxKind,
} from 'typescript/unstable/ast'
import { type Checker, type Symbol as Sym, SymbolFlags } from 'typescript/unstable/sync'
import { type Entry, readEntries } from './entries.ts'

const ours = fileURLToPath(new URL(`../../packages${sep}`, import.meta.url)).toLowerCase()

/**
 * Types of ours that stand in what a package exports, and that none of its entry files exports: an app could not name them.
 * @param entries of one package
 * @returns what refers to what: `Tintype: NodeDoor`
 */
export function unexportedTypes(entries: readonly Entry[]): string[] {
  const read = readEntries(entries, ({ checker }, exported) =>
    Array.from(exported, ([name, symbol]) => ({ name, symbol, names: referencesOf(checker, symbol) })),
  )
  const all = read.flat()
  const exported = new Set(all.map(({ symbol }) => symbol.id))
  const missing = all.flatMap(({ name, names }) =>
    names.filter(({ id }) => !exported.has(id)).map((one) => `${name}: ${one.name}`),
  )
  return [...new Set(missing)]
}

function referencesOf(checker: Checker, symbol: Sym): Sym[] {
  const nodes = symbol.declarations.map((one) => one.resolve()).filter((node) => node !== undefined)
  // What stands in a namespace, as `Express.Request`, is global.
  const names = nodes.flatMap(typeNames).filter(({ kind }) => kind !== SyntaxKind.QualifiedName)
  return names.flatMap((name) => {
    const found = checker.getSymbolAtLocation(name)
    if (!found) return []
    const actual = found.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(found) : found
    const isParameter = actual.flags & SymbolFlags.TypeParameter
    return isParameter || !actual.declarations.some(({ path }) => path.toLowerCase().startsWith(ours))
      ? []
      : [actual]
  })
}

/** What is named as a type in a declaration, not in the bodies of its functions, nor in what is private. */
function typeNames(node: Node): Node[] {
  const found: Node[] = []
  const visit = (one: Node): void => {
    if (one.kind === SyntaxKind.Block || isPrivate(one)) return
    if (isTypeReferenceNode(one)) found.push(one.typeName)
    else if (isExpressionWithTypeArguments(one)) found.push(one.expression)
    one.forEachChild(visit)
  }
  visit(node)
  return found
}

function isPrivate(node: Node): boolean {
  return /^(private\b|#)/.test(node.getText())
}
