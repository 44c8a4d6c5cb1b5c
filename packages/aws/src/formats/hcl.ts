/** The value of a Terraform argument. `raw` is an expression, taken as it is. */
export type Value = string | number | boolean | { raw: string } | readonly Value[] | { [key: string]: Value }

export interface Block {
  /** `resource`, `output`, or the name of a nested block. */
  type: string
  labels?: readonly string[]
  /** Written in this order. */
  body: readonly (Block | Argument)[]
}

export interface Argument {
  name: string
  value: Value
}

/**
 * HCL in the canonical form of `terraform fmt`: two spaces, `=` aligned in runs of arguments of one line each, a blank
 * line around nested blocks. https://developer.hashicorp.com/terraform/language/style
 *
 * @example hcl([{ type: 'output', labels: ['a'], body: [{ name: 'value', value: 1 }] }])
 */
export function hcl(blocks: readonly Block[]): string {
  return blocks.map((block) => `${blockLines(block).join('\n')}\n`).join('\n')
}

/** An expression, not a string. */
export function raw(expression: string): Value {
  return { raw: expression }
}

function blockLines({ type, labels = [], body }: Block): string[] {
  const head = [type, ...labels.map((label) => `"${label}"`)].join(' ')
  const parts: string[][] = []
  let run: Argument[] = []
  const endRun = () => {
    if (run.length > 0) parts.push(argumentLines(run, (name) => name))
    run = []
  }
  for (const one of body) {
    if ('name' in one) {
      run.push(one)
    } else {
      endRun()
      parts.push(blockLines(one))
    }
  }
  endRun()
  return [`${head} {`, ...indent(parts.flatMap((part, at) => (at === 0 ? part : ['', ...part]))), '}']
}

/** Arguments that take one line each have their `=` below each other; one of several lines stands by itself. */
function argumentLines(args: readonly Argument[], key: (name: string) => string): string[] {
  const rendered = args.map(({ name, value }) => ({ name: key(name), lines: valueLines(value) }))
  const lines: string[] = []
  for (let start = 0; start < rendered.length; ) {
    let end = start
    while (isAligned(rendered[end]?.lines)) end += 1
    const run = rendered.slice(start, Math.max(end, start + 1))
    const width = Math.max(...run.map(({ name }) => name.length))
    for (const { name, lines: value } of run)
      lines.push(`${name.padEnd(width)} = ${value[0]}`, ...value.slice(1))
    start += run.length
  }
  return lines
}

/** One line, or a here-document, of which the first line counts. */
function isAligned(lines: readonly string[] | undefined): boolean {
  return lines?.length === 1 || lines?.[0]?.startsWith('<<-') === true
}

function valueLines(value: Value): string[] {
  if (typeof value === 'string') return [quoted(value)]
  if (typeof value !== 'object') return [String(value)]
  if (Array.isArray(value)) return listLines(value)
  if ('raw' in value) return (value.raw as string).split('\n')
  const args = Object.entries(value as Record<string, Value>).map(([name, one]) => ({ name, value: one }))
  return [
    '{',
    ...indent(argumentLines(args, (name) => (/^[A-Za-z_]\w*$/.test(name) ? name : quoted(name)))),
    '}',
  ]
}

function listLines(values: readonly Value[]): string[] {
  const lines = values.map(valueLines)
  const short = lines.map((one) => one[0]).join(', ')
  if (lines.every((one) => one.length === 1) && short.length < 80) return [`[${short}]`]
  return ['[', ...indent(lines.flatMap((one) => [...one.slice(0, -1), `${one.at(-1)},`])), ']']
}

/** Wraps a value in a function, e.g. `jsonencode`. */
export function call(name: string, value: Value): Value {
  const lines = valueLines(value)
  return raw(`${name}(${lines.join('\n')})`)
}

/** `${` and `%{` would begin a template. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll('${', '$${').replaceAll('%{', '%%{')
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => (line === '' ? '' : `  ${line}`))
}
