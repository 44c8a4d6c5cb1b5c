import {
  CreatePolicyVersionCommand,
  DeletePolicyVersionCommand,
  ListPolicyVersionsCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam'
import { type AccessKeyContext, createKey, deleteLost } from './access-key.ts'
import { type CallContext, callsFor, policyArn } from './calls.ts'
import { type Credentials, errorCode } from './clients.ts'
import { writeEnvFile } from './env-file.ts'
import type { ObserveContext } from './observers.ts'
import { plan, type Step } from './plan.ts'
import type { Resource, ResourceOf } from './resources.ts'
import { type Sleep, untilConsistent } from './until-consistent.ts'

/** What {@link apply} works with. */
export interface ApplyContext extends ObserveContext {
  /** Throws when a user's new key does not work in the end. */
  prove(credentials: Credentials, user: string): Promise<void>
  /** Waits; injected, so that tests do not. */
  sleep: Sleep
  /** Milliseconds since 1970. */
  now(): number
  /** Called after each step, and for parts of a step that are worth a line. */
  onStep(step: Step | string): void
}

/**
 * Creates and updates everything that is not as desired, in order. It can be run any number of times, and again after it
 * was stopped anywhere.
 *
 * @throws {SetupError} before anything is changed, when something that is not ours is in the way
 */
export async function apply(resources: readonly Resource[], context: ApplyContext): Promise<Step[]> {
  const steps = await plan(resources, context)
  for (const step of steps) {
    if (step.action !== 'keep') await make(step, context)
    else if (step.resource.type === 'access-key') await deleteLost(keyContext(step.resource, context))
    context.onStep(step)
  }
  return steps
}

async function make({ resource, observed, action }: Step, context: ApplyContext): Promise<void> {
  const { aws, sleep } = context
  if (resource.type === 'env-file') return writeEnvFile(resource.name, resource.body)
  if (resource.type === 'access-key') {
    const keys = keyContext(resource, context)
    return untilConsistent(() => createKey(keys), { sleep, isEarly })
  }
  if (action === 'update' && resource.type === 'policy') {
    return replaceVersion(policyArn(resource.name, context), JSON.stringify(resource.body), context)
  }
  if (action === 'update' && resource.type === 'role') {
    const PolicyDocument = JSON.stringify(resource.body.AssumeRolePolicyDocument)
    await aws.iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: resource.name, PolicyDocument }))
    return
  }
  const { others = [], beside } = observed
  const calls = callsFor(resource, {
    ...(context satisfies Omit<CallContext, 'others'>),
    others,
    ...(beside === undefined ? {} : { beside }),
  })
  // Of an instance profile that is there, only the role can be missing.
  const isThere = action === 'update' && resource.type === 'instance-profile'
  for (const call of isThere ? calls.slice(1) : calls) {
    await untilConsistent(() => aws.send(call), { sleep, isEarly })
  }
}

function keyContext(
  { name: user, body: place }: ResourceOf<'access-key'>,
  { aws, prove, onStep, now }: ApplyContext,
): AccessKeyContext {
  return { aws, user, place, prove: (credentials) => prove(credentials, user), onStep, now }
}

/** What was just created may not be visible everywhere yet. */
function isEarly(error: unknown): boolean {
  return /^(NoSuchEntity|NoSuchBucket|OperationAborted)$/.test(errorCode(error))
}

/** A policy has at most five versions: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
async function replaceVersion(
  PolicyArn: string,
  PolicyDocument: string,
  { aws }: ApplyContext,
): Promise<void> {
  const { Versions = [] } = await aws.iam.send(new ListPolicyVersionsCommand({ PolicyArn }))
  if (Versions.length >= 5) {
    const age = (version: (typeof Versions)[number]) => version.CreateDate?.getTime() ?? 0
    const [oldest] = Versions.filter((one) => !one.IsDefaultVersion).toSorted((a, b) => age(a) - age(b))
    await aws.iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: oldest?.VersionId }))
  }
  await aws.iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument, SetAsDefault: true }))
}
