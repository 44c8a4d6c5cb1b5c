import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Copy, DockerfileParser, type From, type Instruction } from 'dockerfile-ast'
import { repository } from '../support/process.ts'

export const text = readFileSync(join(repository, 'Dockerfile'), 'utf8')

export interface Step {
  /** `RUN`, `COPY` and so on. */
  keyword: string
  /** What follows, on one line, without `--flags`. */
  rest: string
  flags: Record<string, string>
  /** The items of a list in JSON, or the words. */
  words: string[]
}

export interface Stage {
  name: string | undefined
  image: string
  steps: Step[]
}

/** The stages of the Dockerfile in their order. */
export function stages(): Stage[] {
  const all: Stage[] = []
  for (const one of DockerfileParser.parse(text).getInstructions()) {
    if (one.getKeyword() === 'FROM') {
      const from = one as From
      all.push({ name: from.getBuildStage() ?? undefined, image: from.getImage() ?? '', steps: [] })
    } else all.at(-1)?.steps.push(stepOf(one))
  }
  return all
}

function stepOf(instruction: Instruction): Step {
  // The parser's own way to flags is on some of its classes only.
  const flags = 'getFlags' in instruction ? (instruction as Copy).getFlags() : []
  const rest = (instruction.getArgumentsContent() ?? '').replace(/\\\n/g, ' ').replace(/^(--\S+\s+)+/, '')
  return {
    keyword: instruction.getKeyword(),
    rest,
    flags: Object.fromEntries(flags.map((flag) => [flag.getName(), flag.getValue() ?? ''])),
    words: rest.startsWith('[') ? JSON.parse(rest) : rest.trim().split(/\s+/),
  }
}

/** The step of this kind of which a stage has one. */
export function only(stage: Stage, keyword: string): Step {
  const [step, ...more] = stage.steps.filter((one) => one.keyword === keyword)
  if (step === undefined || more.length > 0) throw new Error(`${keyword} stands ${more.length + 1} times`)
  return step
}
