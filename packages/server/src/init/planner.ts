import type { Change } from './diff.ts'
import type { Folder } from './folder.ts'

/** What would be done, and what would not. */
export interface Plan {
  changes: Change[]
  /** Files that are there with other contents, and stay as they are. */
  kept: string[]
  /** What has to be done by hand: a sentence, and lines to add. */
  byHand: { what: string; lines: string[] }[]
  /** Packages that the app lacks. */
  packages: string[]
  /** What runs the app, and where its page is then. */
  next: string[]
}

/** Collects a plan for what is in a folder. */
export interface Planner extends Pick<Plan, 'changes' | 'kept' | 'byHand'> {
  /** @returns whether the file is, or will be, what it says */
  create(path: string, text: string): boolean
  change(path: string, after: string): void
}

export function createPlanner(folder: Folder): Planner {
  const changes: Change[] = []
  const kept: string[] = []
  const change = (path: string, after: string) => {
    const before = folder.read(path)
    if (before !== after) changes.push({ path, before, after })
  }
  return {
    changes,
    kept,
    byHand: [],
    change,
    create(path, text) {
      const before = folder.read(path)
      if (before === undefined) change(path, text)
      else if (before !== text) kept.push(path)
      return before === undefined || before === text
    },
  }
}
