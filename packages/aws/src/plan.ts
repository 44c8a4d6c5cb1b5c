import { canonical } from './canonical.ts'
import { observe } from './observe.ts'
import type { ObserveContext, Observed } from './observers.ts'
import { type Resource, titleOf } from './resources.ts'

/** A resource as it should be, and as it is. */
export interface Step {
  /** As it should be. */
  resource: Resource
  /** As it is. */
  observed: Observed
  /** What there is to do. */
  action: 'create' | 'update' | 'keep'
}

/**
 * Compares what should be with what is. Changes nothing.
 * @throws {SetupError} see {@link observe}
 */
export async function plan(resources: readonly Resource[], context: ObserveContext): Promise<Step[]> {
  // The bucket first: if it belongs to another account, only that is reported.
  const steps: Step[] = []
  for (const resource of resources) steps.push(stepFor(resource, await observe(resource, context)))
  return steps
}

function stepFor(resource: Resource, observed: Observed): Step {
  if (observed.body === undefined) return { resource, observed, action: 'create' }
  const same = canonical(observed.body) === canonical(resource.body)
  return { resource, observed, action: same ? 'keep' : 'update' }
}

/** Colours a text, where there is a terminal. */
export type Paint = (colour: 'green' | 'red' | 'yellow' | 'dim' | 'bold', text: string) => string

const marks = { create: '+', update: '~', keep: ' ' } as const
const colours = { create: 'green', update: 'yellow', keep: 'dim' } as const

/**
 * The plan as text: what is created (+), changed (~, with removed and added lines) and kept.
 * @param paint puts colour on, where there is a terminal
 */
export function renderPlan(steps: readonly Step[], paint: Paint): string {
  const lines = steps.flatMap(({ resource, observed, action }) => [
    paint(colours[action], `${marks[action]} ${titleOf(resource)}`) +
      (action === 'keep' ? paint('dim', ': as it should be') : ''),
    ...(action === 'keep'
      ? []
      : difference(outline(observed.body ?? {}), outline(resource.body)).map(({ mark, text }) =>
          mark === ' ' ? `      ${text}` : paint(mark === '+' ? 'green' : 'red', `    ${mark} ${text}`),
        )),
    ...(observed.notes ?? []).map((note) => paint('yellow', `    ! ${note}`)),
  ])
  return `${[...lines, '', summary(steps)].join('\n')}\n`
}

/** One sentence about a plan: how much there is to make and to change. */
export function summary(steps: readonly Step[]): string {
  const count = (action: Step['action']) => steps.filter((step) => step.action === action).length
  const [made, changed] = [count('create'), count('update')]
  if (made + changed === 0) return 'Nothing to do: everything is as it should be.'
  return `${made} to make, ${changed} to change, ${count('keep')} as it should be.`
}

/**
 * Data as indented lines, short lists in one line.
 * @example outline({ a: { b: ['x', 'y'] } }) // ['a', '  b: x, y']
 */
function outline(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap((one, at) => [...(at > 0 ? ['---'] : []), ...outline(one)])
  if (typeof value !== 'object' || value === null) return [String(value)]
  return Object.entries(value).flatMap(([key, one]) => {
    if (typeof one !== 'object' || one === null) return [`${key}: ${one}`]
    if (Array.isArray(one) && one.every((item) => typeof item !== 'object'))
      return [`${key}: ${one.join(', ')}`]
    return [key, ...outline(one).map((line) => `  ${line}`)]
  })
}

/** The longest common subsequence, and around it what goes and what comes. */
function difference(
  before: readonly string[],
  after: readonly string[],
): { mark: ' ' | '-' | '+'; text: string }[] {
  // lengths[i][j]: of the longest common subsequence of what follows i and j. Lists are short here.
  const lengths = Array.from({ length: before.length + 1 }, () => new Array<number>(after.length + 1).fill(0))
  const at = (i: number, j: number) => lengths[i]?.[j] ?? 0
  for (let i = before.length - 1; i >= 0; i -= 1) {
    for (let j = after.length - 1; j >= 0; j -= 1) {
      const row = lengths[i] as number[]
      row[j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
    }
  }
  const lines: { mark: ' ' | '-' | '+'; text: string }[] = []
  let [i, j] = [0, 0]
  while (i < before.length || j < after.length) {
    const [gone, come] = [before[i], after[j]]
    if (gone !== undefined && gone === come) {
      lines.push({ mark: ' ', text: gone })
      i += 1
      j += 1
    } else if (gone !== undefined && (come === undefined || at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ mark: '-', text: gone })
      i += 1
    } else {
      lines.push({ mark: '+', text: come ?? '' })
      j += 1
    }
  }
  return lines
}
