import assert from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'

/** Each command is printed as it is run. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

export async function until(isSo: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 60_000
  while (!(await isSo())) {
    assert.ok(Date.now() < end, `Not within a minute: ${isSo}`)
    await setTimeout(100)
  }
}
