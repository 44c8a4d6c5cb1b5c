import { logEvents } from '../../packages/tintype/src/log-events.ts'
import { type Declaration, type Member, readDeclarations } from './declarations.ts'

/** The public packages, with what a reader looks for first. */
const modules = [
  {
    name: 'tintype',
    file: 'packages/tintype/src/index.ts',
    project: 'tsconfig.json',
    about: 'The library: `npm i tintype`.',
    first: [
      'createTintype',
      'TintypeOptions',
      'BucketOptions',
      'Tintype',
      'UploadOptions',
      'MediaApi',
      'Media',
    ],
  },
  {
    name: '@tintype/client',
    file: 'packages/client/src/index.ts',
    project: 'packages/client/tsconfig.json',
    about: 'Uploads from a browser or Node. [client.md](client.md) is the guide.',
    first: ['upload', 'UploadOptions', 'createUploads', 'UploadsOptions', 'Uploads', 'UploadItem'],
  },
  {
    name: '@tintype/client/react',
    file: 'packages/client/src/react.ts',
    project: 'packages/client/tsconfig.json',
    about: 'The same queue as a React hook.',
    first: [],
  },
  {
    name: '@tintype/local-s3',
    file: 'packages/local-s3/src/index.ts',
    project: 'tsconfig.json',
    about: 'The embedded S3, for development and tests.',
    first: ['startLocalS3', 'createLocalS3', 'LocalS3Options', 'LocalS3'],
  },
  {
    name: '@tintype/aws',
    file: 'packages/aws/src/index.ts',
    project: 'tsconfig.json',
    about: 'Sets up bucket, policy and key. Most people use it as `tintype aws`: [aws.md](aws.md).',
    first: ['readOptions', 'SetupOptions', 'desiredResources', 'plan', 'apply'],
  },
] as const

/** @returns the page, and what has no doc comment */
export function referencePage(): { page: string; missing: string[] } {
  const read = readDeclarations([...modules])
  const missing: string[] = []
  const sections = modules.map(({ name, about, first }, index) => {
    const declarations = (read[index] ?? []).toSorted((a, b) => place(first, a) - place(first, b))
    for (const one of declarations) missing.push(...undocumented(one).map((what) => `${name}: ${what}`))
    return `## ${name}\n\n${about}\n\n${declarations.map(section).join('\n\n')}`
  })
  const events = Object.entries(logEvents).map(([event, meaning]) => `| \`${event}\` | ${meaning} |`)
  const page = `# Reference

Every public option, method and event. This page is made from the doc comments of the sources by
\`node scripts/reference-doc.ts\`; a test holds it to them. Variables of the ready server are in
[configuration.md](configuration.md), error codes in [errors.md](errors.md), HTTP routes in the [README](../README.md#http).

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

function section(declaration: Declaration): string {
  const { name, source, doc, members } = declaration
  const properties = members.filter((member) => !member.isMethod)
  const methods = members.filter((member) => member.isMethod)
  return join([
    `### ${name}`,
    source && code(source),
    ...prose(doc),
    properties.length > 0 ? table(properties) : '',
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

function table(members: Member[]): string {
  const hasDefaults = members.some(({ doc }) => doc.preset !== '')
  const head = ['name', 'type', ...(hasDefaults ? ['default'] : []), 'meaning']
  const rows = members.map(({ name, source, doc }) => {
    const meaning = [doc.text, doc.returns && `Returns ${doc.returns}`].filter(Boolean).join(' ')
    return [
      `\`${name}\``,
      `\`${source.replace(/\s+/g, ' ')}\``,
      ...(hasDefaults ? [doc.preset] : []),
      meaning,
    ]
  })
  return [head, head.map(() => '---'), ...rows]
    .map(
      (cells) => `| ${cells.map((cell) => cell.replace(/\n+/g, ' ').replaceAll('|', '\\|')).join(' | ')} |`,
    )
    .join('\n')
}

const code = (text: string) => `\`\`\`ts\n${text}\n\`\`\``
const join = (parts: string[]) => parts.filter(Boolean).join('\n\n')
