import {
  CreateAccessKeyCommand,
  DeleteAccessKeyCommand,
  GetAccessKeyLastUsedCommand,
  ListAccessKeysCommand,
  UpdateAccessKeyCommand,
} from '@aws-sdk/client-iam'
import type { Aws, Credentials } from './clients.ts'
import { readEnvFile, writeEnvFile } from './env-file.ts'
import { SetupError } from './options.ts'
import { forgetPending, type Pending, readPending, writePending } from './pending-key.ts'
import type { Bodies } from './resources.ts'

export interface AccessKeyContext {
  aws: Aws
  user: string
  /** The `.env` that holds the key, and under which names. The secret goes there and nowhere else. */
  place: Bodies['access-key']
  /** Waits until the key works, which takes IAM some seconds. Throws if it never does. */
  prove(credentials: Credentials): Promise<void>
  /** Called after each durable step. */
  onStep(message: string): void
  /** Milliseconds since the epoch. */
  now(): number
}

interface Key {
  id: string
  created: number
}

/** Milliseconds by which a key of a killed run may be older or younger than its note: clocks differ. */
const sameTime = 15 * 60_000
/** IAM's limit: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const mostKeys = 2

/**
 * Creates a key, writes it to the file, and verifies it. A secret is shown once, in the answer to CreateAccessKey: a run
 * that is killed before it is written leaves a key whose secret is lost. So the existing keys are noted beside the file
 * beforehand; the next run finds the note and deletes the key that is not in it, if it was never used.
 *
 * @throws {SetupError} when the user has two keys already, neither of them in the file
 */
export async function createKey(context: AccessKeyContext): Promise<void> {
  const { user, place, onStep } = context
  await deleteLost(context)
  const before = await keysOf(context)
  refuseThirdKey(
    user,
    before.map(({ id }) => ({ AccessKeyId: id })),
  )
  await writePending(place.File, { user, before: before.map(({ id }) => id), at: context.now() })
  const made = await create(context)
  await writeKey(place, made)
  onStep(`key ${made.accessKeyId} of ${user} is in ${place.File}`)
  await forgetPending(place.File, user)
  await context.prove(made)
  onStep(`key ${made.accessKeyId} works`)
}

/**
 * Replaces the key in the file: the new one is created, verified and written; then the old one is deactivated, the new
 * one verified once more, and the old one deleted. After a kill at any point, the next run continues there.
 *
 * @param options.keepOld stops before the old key is touched, so that servers can be restarted with the new one;
 *   the next run does the rest
 * @throws {SetupError}
 */
export async function rotateKey(context: AccessKeyContext, { keepOld }: { keepOld: boolean }): Promise<void> {
  const { user, place, onStep } = context
  await deleteLost(context)
  const pending = await readPending(place.File, user)
  const current = await credentialsIn(place)
  let replaced =
    pending !== undefined && pending.replaces !== current.accessKeyId ? pending.replaces : undefined
  let fresh = current
  if (replaced === undefined) {
    replaced = current.accessKeyId
    const before = await keysOf(context)
    if (!before.some(({ id }) => id === replaced)) {
      throw new SetupError(
        `The key ${replaced} in ${place.File} is none of the user ${user}. Say whose it is: --user NAME.`,
      )
    }
    refuseThirdKey(
      user,
      before.map(({ id }) => ({ AccessKeyId: id })),
    )
    await writePending(place.File, { user, before: [replaced], replaces: replaced, at: context.now() })
    fresh = await create(context)
    await proveOrDelete(context, fresh)
    await writeKey(place, fresh)
    onStep(`key ${fresh.accessKeyId} is in ${place.File}`)
    if (keepOld) {
      onStep(`key ${replaced} still works: restart the servers that use it, then run this again to delete it`)
      return
    }
  }
  const keys = await keysOf(context)
  if (keys.some(({ id }) => id === replaced)) {
    await setActive(context, replaced, false)
    onStep(`key ${replaced} is deactivated`)
    try {
      await context.prove(fresh)
    } catch (error) {
      await setActive(context, replaced, true)
      throw error
    }
    await remove(context, replaced)
    onStep(`key ${replaced} is deleted`)
  }
  await forgetPending(place.File, user)
}

/** All keys of a user. */
async function keysOf({ aws, user }: AccessKeyContext): Promise<Key[]> {
  const { AccessKeyMetadata = [] } = await aws.iam.send(new ListAccessKeysCommand({ UserName: user }))
  return AccessKeyMetadata.map(({ AccessKeyId: id = '', CreateDate }) => ({
    id,
    created: CreateDate?.getTime() ?? 0,
  }))
}

/**
 * Cleans up after a run that was killed, by its note: a key that it created and did not write was not there before, is
 * not in the file, is as old as the note, and was never used. Its secret is lost.
 */
export async function deleteLost(context: AccessKeyContext): Promise<void> {
  const { user, place, onStep } = context
  const pending = await readPending(place.File, user)
  if (pending === undefined) return
  const { [place.Id]: written } = await readEnvFile(place.File)
  for (const { id, created } of await keysOf(context)) {
    if (id === written || pending.before.includes(id) || Math.abs(created - pending.at) > sameTime) continue
    if (await wasUsed(context, id)) continue
    await remove(context, id)
    onStep(`key ${id} is deleted: an earlier run was ended before it could write its secret`)
  }
  if (!isHalfRotated(pending, written)) await forgetPending(place.File, user)
}

/** The new key is in the file, the old one still has to be deleted. */
function isHalfRotated({ replaces }: Pending, written: string | undefined): boolean {
  return replaces !== undefined && replaces !== written
}

async function wasUsed({ aws }: AccessKeyContext, AccessKeyId: string): Promise<boolean> {
  const { AccessKeyLastUsed } = await aws.iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId }))
  return AccessKeyLastUsed?.LastUsedDate !== undefined
}

async function create({ aws, user }: AccessKeyContext): Promise<Credentials> {
  const { AccessKey } = await aws.iam.send(new CreateAccessKeyCommand({ UserName: user }))
  return { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' }
}

async function proveOrDelete(context: AccessKeyContext, fresh: Credentials): Promise<void> {
  try {
    await context.prove(fresh)
    context.onStep(`key ${fresh.accessKeyId} works`)
  } catch (error) {
    await remove(context, fresh.accessKeyId)
    await forgetPending(context.place.File, context.user)
    throw error
  }
}

async function setActive(
  { aws, user }: AccessKeyContext,
  AccessKeyId: string,
  active: boolean,
): Promise<void> {
  const Status = active ? 'Active' : 'Inactive'
  await aws.iam.send(new UpdateAccessKeyCommand({ UserName: user, AccessKeyId, Status }))
}

async function remove({ aws, user }: AccessKeyContext, AccessKeyId: string): Promise<void> {
  await aws.iam.send(new DeleteAccessKeyCommand({ UserName: user, AccessKeyId }))
}

async function writeKey({ File, Id, Secret }: Bodies['access-key'], key: Credentials): Promise<void> {
  await writeEnvFile(File, { [Id]: key.accessKeyId, [Secret]: key.secretAccessKey })
}

async function credentialsIn({ File, Id, Secret }: Bodies['access-key']): Promise<Credentials> {
  const { [Id]: accessKeyId = '', [Secret]: secretAccessKey = '' } = await readEnvFile(File)
  if (accessKeyId !== '' && secretAccessKey !== '') return { accessKeyId, secretAccessKey }
  throw new SetupError(`There is no key in ${File} to be replaced. \`tintype aws apply\` makes one.`)
}

/** @throws {SetupError} when the user has as many keys as IAM allows */
export function refuseThirdKey(user: string, keys: readonly { AccessKeyId?: string | undefined }[]): void {
  if (keys.length < mostKeys) return
  throw new SetupError(
    `${user} has two keys already, ${keys.map(({ AccessKeyId }) => AccessKeyId).join(' and ')}, and IAM allows no third. ` +
      `Delete the unused one: aws iam delete-access-key --user-name ${user} --access-key-id KEY`,
  )
}
