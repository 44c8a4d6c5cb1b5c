import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { type Kind, killsOf, orphanedBytes, type Report, tally, type Violation } from '@tintype/crash-kit'
import type { Contestant } from './contestants/index.ts'

/** What is kept of a contestant: everything that the page is written from. */
export interface Result {
  id: string
  name: string
  docs: string
  versions: string[]
  recovery: string
  runs: Run[]
}

export interface Run {
  seed: number
  date: string
  seconds: number
  kills: number
  uploads: number
  refused: number
  brokenTaken: number
  bytes: number
  counts: Record<Kind, number>
  /** One of each kind. */
  examples: Violation[]
}

const file = new URL('results.json', import.meta.url)

export function results(): Result[] {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Result[]) : []
}

/** Replaces what is kept of a contestant. */
export function keep({ id, adapter, docs, packages, folder }: Contestant, reports: Report[]): void {
  const result: Result = {
    id,
    name: adapter.name,
    docs,
    versions: packages.map((name) => `${name} ${versionOf(name, folder)}`),
    recovery: reports[0]?.recovery.how ?? '',
    runs: reports.map(runOf),
  }
  const others = results().filter((one) => one.id !== id)
  writeFileSync(file, `${JSON.stringify([...others, result], null, 2)}\n`)
}

function runOf(report: Report): Run {
  const { seed, date, seconds, work, violations } = report
  const kinds = [...new Set(violations.map(({ kind }) => kind))]
  return {
    seed,
    date,
    seconds,
    kills: killsOf(report),
    uploads: work.uploads,
    refused: work.refused,
    brokenTaken: work.brokenTaken,
    bytes: orphanedBytes(report),
    counts: tally(report),
    examples: kinds.map((kind) => violations.find((one) => one.kind === kind) as Violation),
  }
}

function versionOf(name: string, folder = '.'): string {
  const manifest = new URL(`${folder}/node_modules/${name}/package.json`, import.meta.url)
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version
}
