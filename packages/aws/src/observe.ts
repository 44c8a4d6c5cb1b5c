import {
  GetBucketCorsCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  type LifecycleRule as StoredRule,
} from '@aws-sdk/client-s3'
import { errorStatus, ifThere } from './clients.ts'
import { readEnvFile } from './env-file.ts'
import { observeIam } from './observe-iam.ts'
import type { ObserveContext, Observed, Observers } from './observers.ts'
import { SetupError } from './options.ts'
import {
  mostCorsRules,
  mostLifecycleRules,
  refuseAbove,
  refuseAclOfOthers,
  refusePolicy,
  refuseUnwritable,
} from './refusals.ts'
import { accessBlocks, type Bodies, type Kind, ownIds, type Resource } from './resources.ts'

/**
 * Reads the present state from AWS, and changes nothing.
 * @throws {SetupError} when the desired state can't be reached: the bucket or the key belongs to another account or user
 */
export function observe(resource: Resource, context: ObserveContext): Promise<Observed> {
  const ask = observers[resource.type] as (resource: Resource, context: ObserveContext) => Promise<Observed>
  return ask(resource, context)
}

const observers: Observers<Kind> = {
  ...observeIam,

  async bucket({ name }, { aws, account, region }) {
    try {
      const { BucketRegion = region } = await aws.s3.send(
        new HeadBucketCommand({ Bucket: name, ExpectedBucketOwner: account }),
      )
      if (BucketRegion !== region) throw elsewhere(name, BucketRegion, region)
      return { body: { Region: BucketRegion } }
    } catch (error) {
      const status = errorStatus(error)
      if (status === 404) return { body: undefined }
      if (status === 301) throw elsewhere(name, regionIn(error), region)
      if (status === 403) throw new SetupError(taken(name), { cause: error })
      throw error
    }
  },

  async 'public-access-block'({ name: Bucket }, { aws }) {
    const found = await ifThere(aws.s3.send(new GetPublicAccessBlockCommand({ Bucket })))
    const blocks = found?.PublicAccessBlockConfiguration
    if (!blocks) return { body: undefined }
    return {
      body: Object.fromEntries(
        accessBlocks.map((one) => [one, blocks[one] ?? false]),
      ) as Bodies['public-access-block'],
    }
  },

  async 'object-ownership'({ name: Bucket }, { aws }) {
    const found = await ifThere(aws.s3.send(new GetBucketOwnershipControlsCommand({ Bucket })))
    const ObjectOwnership = found?.OwnershipControls?.Rules?.[0]?.ObjectOwnership
    if (ObjectOwnership !== 'BucketOwnerEnforced') await refuseAclOfOthers(Bucket, aws)
    return { body: ObjectOwnership === undefined ? undefined : { ObjectOwnership } }
  },

  async encryption({ name: Bucket, body }, { aws }) {
    const found = await ifThere(aws.s3.send(new GetBucketEncryptionCommand({ Bucket })))
    const rule = found?.ServerSideEncryptionConfiguration?.Rules?.[0]
    const algorithm = rule?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm
    if (algorithm === undefined) return { body: undefined }
    if (algorithm === body.SSEAlgorithm) return { body }
    // Stronger than ours: it is not taken back.
    return {
      body,
      notes: [
        `The bucket is encrypted with ${algorithm}, which stays: the policy of that key has to admit the app.`,
      ],
    }
  },

  async 'bucket-policy'({ name: Bucket, body }, { aws }) {
    const found = await ifThere(aws.s3.send(new GetBucketPolicyCommand({ Bucket })))
    const { Statement = [], ...beside } = JSON.parse(found?.Policy ?? '{}') as {
      Statement?: Bodies['bucket-policy']['Statement']
    }
    const { ours, others, notes } = split(
      [Statement].flat(),
      ({ Sid }) => Sid === ownIds.tlsOnly,
      'bucket policy',
    )
    if (others.length > 0)
      await refusePolicy(Bucket, { Statement: [...others, ...body.Statement], ...beside }, aws)
    return {
      body: ours.length > 0 ? { Statement: ours } : undefined,
      others,
      ...(found === undefined ? {} : { beside }),
      notes,
    }
  },

  async cors({ name: Bucket, body }, { aws }) {
    const found = await ifThere(aws.s3.send(new GetBucketCorsCommand({ Bucket })))
    const { ours, others, notes } = split(
      found?.CORSRules ?? [],
      ({ ID }) => body.CORSRules.some((rule) => rule.ID === ID),
      'CORS rules',
    )
    refuseAbove(others.length, mostCorsRules, 'CORS rules', Bucket)
    return {
      body: ours.length > 0 ? { CORSRules: ours as Bodies['cors']['CORSRules'] } : undefined,
      others,
      notes,
    }
  },

  async lifecycle({ name: Bucket, body }, { aws }) {
    const found = await ifThere(aws.s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket })))
    const { ours, others, notes } = split(
      found?.Rules ?? [],
      ({ ID }) => body.Rules.some((rule) => rule.ID === ID),
      'lifecycle rules',
    )
    refuseAbove(others.length, mostLifecycleRules, 'lifecycle rules', Bucket)
    const Rules = ours.map(withFilter) as Bodies['lifecycle']['Rules']
    const { TransitionDefaultMinimumObjectSize } = found ?? {}
    return {
      body: ours.length > 0 ? { Rules } : undefined,
      others,
      // A header of the whole: without it, S3 would give the rules of others another meaning.
      beside: TransitionDefaultMinimumObjectSize === undefined ? {} : { TransitionDefaultMinimumObjectSize },
      notes,
    }
  },

  async 'env-file'({ name, body }) {
    const found = await readEnvFile(name)
    await refuseUnwritable(name)
    const bucket = found.S3_BUCKET
    if (bucket !== undefined && bucket !== '' && bucket !== body.S3_BUCKET) {
      throw new SetupError(
        `${name} names the bucket ${bucket}, whose photos the server would no longer find. ` +
          'Take S3_BUCKET out of it, or name another file with --env.',
      )
    }
    const there = Object.keys(body).filter((variable) => found[variable] !== undefined)
    return {
      body:
        there.length === 0
          ? undefined
          : Object.fromEntries(there.map((variable) => [variable, found[variable] ?? ''])),
    }
  },
}

function split<T>(entries: readonly T[], isOurs: (entry: T) => boolean, what: string) {
  const others = entries.filter((entry) => !isOurs(entry))
  return {
    ours: entries.filter(isOurs),
    others,
    notes: others.length > 0 ? [`The ${what} of others (${others.length}) stay as they are.`] : [],
  }
}

/** S3 may give the older form back, in which the prefix is not within the filter. */
function withFilter({ Prefix, Filter, ...rule }: StoredRule): object {
  return { ...rule, Filter: { Prefix: Filter?.Prefix ?? Prefix ?? '' } }
}

export function taken(bucket: string): string {
  return (
    `The bucket ${bucket} exists and is not yours: another account has the name, or other credentials of yours do. ` +
    'Bucket names are unique in all of AWS, so a prefix such as your domain helps: --bucket example-com-photos.'
  )
}

function elsewhere(bucket: string, actual: string | undefined, wanted: string): SetupError {
  const region = actual ?? 'another region'
  return new SetupError(
    `The bucket ${bucket} is in ${region}, not in ${wanted}. Say --region ${actual ?? 'REGION'}, or choose another name.`,
  )
}

function regionIn(error: unknown): string | undefined {
  const response = (error as { $response?: { headers?: Record<string, string> } }).$response
  return response?.headers?.['x-amz-bucket-region']
}
