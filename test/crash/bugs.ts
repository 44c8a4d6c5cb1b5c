import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { repository } from '../support/process.ts'

/** A plausible mistake: this text in this file, replaced by that one. */
export interface Bug {
  /** Below the library's `src`. */
  file: string
  from: string
  to: string
}

export const bugs = {
  deleteBeforeCommit: [
    {
      file: 'media-api.ts',
      from: 'return await records.ledger.remove(id, owner, leaseEnd, how)',
      to: `for (const { key } of existed ? [existed.media, ...existed.variants] : []) await bucket.delete(key)
      return await records.ledger.remove(id, owner, leaseEnd, how)`,
    },
  ],
  publishWithoutDueDate: [
    {
      file: 'records/key-steps.ts',
      from: "deleteFrom('sweep').where(inDated(pending))",
      to: "deleteFrom('sweep').where('key', 'in', pending.map((one) => one.key))",
    },
  ],
  claimWithoutDueDate: [
    {
      file: 'records/sweep-list.ts',
      from: ".where('due_at', '<=', now)\n              .orderBy",
      to: '.orderBy',
    },
  ],
  forgetAfterUnknownPut: [
    {
      file: 'records/ledger.ts',
      from: 'doUpdateSet({ due_at: now, recheck: 1 })',
      to: 'doUpdateSet({ due_at: now, recheck: 0 })',
    },
  ],
  deleteAfterUnknownCommit: [
    {
      file: 'intake/store.ts',
      from: '      // Touching the keys waits',
      to: `      const whole = bucket as unknown as { delete(key: string): Promise<void> }
      for (const { key } of published.flatMap((one) => one.pending)) await whole.delete(key)
      // Touching the keys waits`,
    },
  ],
  restoreWithoutDueDate: [
    {
      file: 'records/restore-steps.ts',
      from: 'if (!(await cancelDeletion(trx, pending))) throw goneForGood(restorable_until)',
      to: "await trx.deleteFrom('sweep').where('key', 'in', pending.map(({ key }) => key)).execute(); void [cancelDeletion, restorable_until]",
    },
  ],
  sweepDespiteHold: [
    {
      file: 'records/version-steps.ts',
      from: 'const due_at = isHeld ? heldUntil : until',
      to: 'const due_at = until',
    },
  ],
  prefixWithoutSlash: [
    { file: 'sweep/audit.ts', from: 'listing.objects(bucket.keyPrefix)', to: "listing.objects('media')" },
    {
      file: 'sweep/audit-multiparts.ts',
      from: 'listing.multiparts(bucket.keyPrefix)',
      to: "listing.multiparts('media')",
    },
  ],
} satisfies Record<string, Bug[]>

/** Copies of library and server with these mistakes in the library, to be run from their own folder. */
export async function plant(mistakes: Bug[]): Promise<{ source: string; remove(): Promise<void> }> {
  const source = await mkdtemp(join(tmpdir(), 'tintype-planted-'))
  for (const name of ['tintype', 'server']) {
    const from = join(repository, 'packages', name)
    const isOurs = (path: string) => !path.startsWith(join(from, 'node_modules'))
    await cp(from, join(source, 'packages', name), { recursive: true, filter: isOurs })
  }
  await linkModules(join(repository, 'node_modules'), join(source, 'node_modules'))
  await rm(join(source, 'node_modules/tintype'))
  await symlink(join(source, 'packages/tintype'), join(source, 'node_modules/tintype'))
  for (const { file, from, to } of mistakes) {
    const path = join(source, 'packages/tintype/src', file)
    const code = await readFile(path, 'utf8')
    const count = code.split(from).length - 1
    if (count !== 1) throw new Error(`${file} has the text that is to be broken ${count} times: ${from}`)
    await writeFile(
      path,
      code.replace(from, () => to),
    )
  }
  return { source, remove: () => rm(source, { recursive: true }) }
}

/** The same modules, each as a link, so that one of them can be another. */
async function linkModules(from: string, to: string): Promise<void> {
  await mkdir(to)
  for (const name of await readdir(from)) await symlink(join(from, name), join(to, name))
}
