import { logEvents } from '../../packages/tintype/src/log-events.ts'
import { type Declaration, type Member, readDeclarations } from './declarations.ts'
import { modules } from './modules.ts'

/** @returns the page, and what has no doc comment */
export function referencePage(): { page: string; missing: string[] } {
  const read = readDeclarations([...modules])
  const missing: string[] = []
  const anchorOf = createAnchors()
  const sections = modules.map(({ name, about, first }, index) => {
    const declarations = (read[index] ?? []).toSorted((a, b) => place(first, a) - place(first, b))
    const anchors = new Map(declarations.map((one) => [one.name, anchorOf(one.name)]))
    for (const one of declarations) missing.push(...undocumented(one).map((what) => `${name}: ${what}`))
    return `## ${name}\n\n${about}\n\n${declarations.map((one) => section(one, anchors)).join('\n\n')}`
  })
  const events = Object.entries(logEvents).map(([event, meaning]) => `| \`${event}\` | ${meaning} |`)
  const page = `# Reference

Every public option, method and event. This page is made from the doc comments of the sources by
\`node scripts/reference-doc.ts\`; a test holds it to them. Variables of the ready server are in
[configuration.md](configuration.md), error codes in [errors.md](errors.md), HTTP routes in [http.md](http.md).

${sections.join('\n\n')}

## Log events

Each line of the log is one JSON object with \`time\`, \`level\`, \`event\` and the fields of the event.

| event | meaning |
|---|---|
${events.join('\n')}
`
  return { page, missing }
}

/** Those named first in their order, then functions, then types, each as exported. */
function place(first: readonly string[], { name, kind }: Declaration): number {
  const index = first.indexOf(name)
  if (index >= 0) return index
  return kind === 'function' ? 100 : 200
}

function undocumented({ name, doc, members }: Declaration): string[] {
  // A field inside an option may be explained by the option's own comment.
  const isDocumented = (of: string) => members.some((one) => one.name === of && one.doc.text !== '')
  const without = members.filter(({ name, doc: { text, returns, preset } }) => {
    return !text && !returns && !preset && !isDocumented(name.replace(/\.[^.]*$/, ''))
  })
  return [...(doc.text === '' ? [name] : []), ...without.map((member) => `${name}.${member.name}`)]
}

/** Anchors as GitHub makes them: a second heading of the same name has a number. */
function createAnchors(): (heading: string) => string {
  const count = new Map<string, number>()
  return (heading) => {
    const slug = heading.toLowerCase()
    const before = count.get(slug) ?? 0
    count.set(slug, before + 1)
    return before === 0 ? slug : `${slug}-${before}`
  }
}

type Anchors = ReadonlyMap<string, string>

/** A type as code, in which the names of this page are links. */
function linked(source: string, anchors: Anchors): string {
  const words = source.replace(/\s+/g, ' ').split(/\b([A-Z]\w*)\b/)
  const parts = words.map((word, index) => {
    const anchor = index % 2 === 1 ? anchors.get(word) : undefined
    return anchor === undefined ? { code: word } : { code: word, anchor }
  })
  const merged = parts.reduce<{ code: string; anchor?: string }[]>((all, part) => {
    const last = all.at(-1)
    if (last && last.anchor === undefined && part.anchor === undefined) last.code += part.code
    else all.push({ ...part })
    return all
  }, [])
  return merged
    .filter(({ code }) => code !== '')
    .map(({ code, anchor }) => (anchor === undefined ? `\`${code}\`` : `[\`${code}\`](#${anchor})`))
    .join('')
}

function section(declaration: Declaration, anchors: Anchors): string {
  const { name, source, doc, members } = declaration
  const properties = members.filter((member) => !member.isMethod)
  const methods = members.filter((member) => member.isMethod)
  return join([
    `### ${name}`,
    source && code(source),
    ...prose(doc),
    properties.length > 0 ? table(properties, anchors) : '',
    ...methods.flatMap((method) => [
      `#### ${name}.${method.name}`,
      code(method.source),
      ...prose(method.doc),
    ]),
  ])
}

function prose({ text, params, returns, throws, example }: Declaration['doc']): string[] {
  const facts = [
    ...params.map((one) => `- ${one.replace(/^(\S+)\s*-?\s*/, '`$1`: ')}`),
    returns && `- Returns ${returns}`,
    ...throws.map((one) => `- Throws ${one.replace(/^\{(\w+)\}\s*/, '`$1` ')}`),
  ]
  return [text, facts.filter(Boolean).join('\n'), example && code(example)]
}

function table(members: Member[], anchors: Anchors): string {
  const hasDefaults = members.some(({ doc }) => doc.preset !== '')
  const head = ['name', 'type', ...(hasDefaults ? ['default'] : []), 'meaning']
  const rows = members.map(({ name, source, doc }) => {
    const meaning = [doc.text, doc.returns && `Returns ${doc.returns}`].filter(Boolean).join(' ')
    return [`\`${name}\``, linked(source, anchors), ...(hasDefaults ? [doc.preset] : []), meaning]
  })
  return [head, head.map(() => '---'), ...rows]
    .map(
      (cells) => `| ${cells.map((cell) => cell.replace(/\n+/g, ' ').replaceAll('|', '\\|')).join(' | ')} |`,
    )
    .join('\n')
}

const code = (text: string) => `\`\`\`ts\n${text}\n\`\`\``
const join = (parts: string[]) => parts.filter(Boolean).join('\n\n')
