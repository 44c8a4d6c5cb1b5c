import type { Folder } from './folder.ts'
import type { Server } from './framework.ts'
import { mask } from './mask.ts'

/** The file that makes the app. */
export interface Entry {
  path: string
  text: string
  /** The app's variable. */
  name: string
  /** Whether it has `import`. */
  modules: boolean
  /** Offsets after the lines at which an import and the line that adds the routes belong. */
  importAt: number
  mountAt: number
}

/** `require('express')` or `require('fastify')`, whose name is hidden. */
const required = `require\\(['"] {7}['"]\\)`
/** `const app = express()` at the beginning of a line: within a function, nothing is certain. */
const made: Record<Server, RegExp> = {
  express: statement(`(?:express|${required})\\(\\)`),
  fastify: statement(`(?:await )?(?:[Ff]astify(?:<[^()]*>)?|${required})\\(.*\\)`),
  hono: statement('new Hono(?:<.*>)?\\(.*\\)'),
}
/** The same over several lines: `Fastify({` to the line `})`. */
const begun: Record<Server, RegExp> = {
  express: /(?!)/gm,
  fastify:
    /^(?:export )?(?:const|let|var) (\w+)(?:: ?[\w<>, ]+)? = (?:await )?[Ff]astify\(\{[ \t]*\r?\n(?:(?:[ \t].*)?\r?\n)*?\}\);?[ \t]*$/gm,
  hono: /^(?:export )?(?:const|let|var) (\w+) = new Hono<\{[ \t]*\r?\n(?:(?:[ \t].*)?\r?\n)*?\}>\(\);?[ \t]*$/gm,
}

function statement(value: string): RegExp {
  return new RegExp(`^(?:export )?(?:const|let|var) (\\w+)(?:: ?[\\w.<>, ]+)? = ${value};?[ \\t]*$`, 'gm')
}

const imports = /^import\b[^'";]*?(['"])[^'"\n]*\1[^\n]*$/gm
const requires = /^(?:const|let|var) [^=;]*= require\((['"])[^'"\n]*\1\)[^\n]*$/gm

/** The first of the files in which the app is made, once, by a statement of its own. */
export function findEntry(
  framework: Server,
  candidates: readonly string[],
  folder: Folder,
): Entry | undefined {
  for (const path of candidates) {
    const text = folder.read(path)
    if (text === undefined) continue
    // Another program's `require('request')()` is no app.
    if (!new RegExp(`['"]${framework}['"]`).test(text)) continue
    // A byte order mark must not keep the first line from beginning a line.
    const code = mask(text).replace(/^\uFEFF/, '\n')
    const all = [...code.matchAll(made[framework]), ...code.matchAll(begun[framework])]
    const [match] = all
    if (all.length !== 1 || match?.[1] === undefined) continue
    const modules = /^import\b/m.test(code)
    const mountAt = lineEnd(text, match.index + match[0].length)
    const last = [...code.matchAll(modules ? imports : requires)]
      .filter((one) => modules || one.index < match.index)
      .at(-1)
    // Without a line to stand below, an import goes before the app.
    const importAt = last ? lineEnd(text, last.index + last[0].length) : match.index
    return { path, text, name: match[1], modules, importAt, mountAt }
  }
  return undefined
}

/** Whether it has been added before, by this command or by hand. */
export function isAdded({ text }: Entry): boolean {
  return /\b(?:from|require\()\s*['"](?:[^'"\n]*\/)?tintype(?:\.[cm]?[jt]s)?['"]/.test(text)
}

/** The file with both lines, in its own way to end lines and statements. */
export function add({ text, importAt, mountAt }: Entry, importLine: string, mountLine: string): string {
  const newline = text.includes('\r\n') ? '\r\n' : '\n'
  const semicolon = /;[ \t]*\r?$/m.test(mask(text)) ? ';' : ''
  const line = (code: string) => `${code}${semicolon}${newline}`
  const insert = (into: string, at: number, code: string) => {
    const before = into.slice(0, at)
    return (before === '' || before.endsWith('\n') ? before : before + newline) + line(code) + into.slice(at)
  }
  return importAt <= mountAt
    ? insert(insert(text, mountAt, mountLine), importAt, importLine)
    : insert(insert(text, importAt, importLine), mountAt, mountLine)
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from)
  return end === -1 ? text.length : end + 1
}
