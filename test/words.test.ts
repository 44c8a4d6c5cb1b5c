import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))

/** Words that this project once used in a sense of its own, and the field's term for each. */
const terms: [RegExp, string][] = [
  [/\bcondemn/i, 'schedule for deletion'],
  [/\bacquit/i, 'cancel the deletion'],
  [/\b(guilty|innocent)\b/i, 'scheduled for deletion'],
  [/\bslabs?\b/i, 'buffer'],
  [/\bstrays?\b/i, 'orphan, or without an owner'],
  [/\blanes?\b/i, 'concurrency, limiter, slot'],
  [/\bsuspects?\b/i, 'candidate'],
  [/\bstrangers?\b/i, 'client, unauthenticated, others'],
  [/\bneighbours?\b/i, 'others'],
  [/\bcrowds?\b/i, 'peak, many clients'],
  [/\bim?patien(ce|t|tly)\b/i, 'time limit, retry'],
  [/\bstubborn/i, 'most attempts'],
  [/\bso-manieth\b/i, 'n-th'],
  [/\b(so|as) many (bytes|milliseconds|seconds|files|pixels|rows)\b/i, 'this many, or the number itself'],
]

/** Sentences of comments begin with their subject: a noun. */
const openings = /(?:^|[.:;!?] )(Who|Whoever|Whatever|Nobody|Somebody) (?!\w+\?)/

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((file) => /^(packages|test|examples|scripts|docs|README\.md|CONTRIBUTING\.md)/.test(file))
  .filter((file) => /\.(tsx?|md|mjs)$/.test(file) && file !== 'test/words.test.ts')
  // What 0.1 was made by keeps its words.
  .filter((file) => !file.startsWith('test/databases/'))

test('sources and docs use the field’s terms', () => {
  const found = files.flatMap((file) =>
    linesOf(file).flatMap((line, index) =>
      terms
        .filter(([word]) => word.test(line))
        .map(([, term]) => `${file}:${index + 1}: ${line.trim()} (${term})`),
    ),
  )
  assert.deepEqual(found, [])
  assert.ok(files.length > 400, `${files.length} files`)
})

test('comments begin with what they are about', () => {
  const found = files
    .filter((file) => /\.tsx?$/.test(file))
    .flatMap((file) =>
      linesOf(file).flatMap((line, index) => {
        const comment = /(?:\/\*\*|^\s*\*|\/\/) (.*)/.exec(line)?.[1] ?? ''
        return openings.test(comment) ? [`${file}:${index + 1}: ${comment}`] : []
      }),
    )
  assert.deepEqual(found, [])
})

function linesOf(file: string): string[] {
  // Links to decisions keep the names that these files had.
  return readFileSync(join(root, file), 'utf8')
    .replaceAll(/\]\([^)]*\)/g, ']')
    .split('\n')
}
