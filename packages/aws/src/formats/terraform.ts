import { madeBy } from '../calls.ts'
import type { Kind, Resource, ResourceOf } from '../resources.ts'
import { type Argument, type Block, call, hcl, raw, type Value } from './hcl.ts'
import { createLabels, keysIn } from './labels.ts'

/**
 * A Terraform configuration (also OpenTofu's) that makes what `apply` makes. The secret of an access key is in
 * Terraform's state, and in the output `env`, which is marked sensitive.
 */
export function terraform(resources: readonly Resource[], region: string): string {
  const labels = createLabels(resources)
  const blocks = resources.flatMap((resource) => {
    const render = blocksFor[resource.type] as (resource: Resource, context: Context) => Block[]
    return render(resource, { labels, resources })
  })
  return `${comment}\n\n${hcl([...settings(region), ...blocks])}`
}

const comment = `# Made by \`tintype aws plan --format terraform\`. After \`terraform apply\`, in the server's folder:
#   (umask 077 && terraform output -raw env >>.env)`

interface Context {
  labels: ReturnType<typeof createLabels>
  resources: readonly Resource[]
}

function settings(region: string): Block[] {
  const aws = { source: 'hashicorp/aws', version: '>= 5.0' }
  return [
    {
      type: 'terraform',
      body: [
        argument('required_version', '>= 1.3'),
        { type: 'required_providers', body: [argument('aws', aws)] },
      ],
    },
    { type: 'provider', labels: ['aws'], body: [argument('region', region)] },
  ]
}

const tags: Argument = argument('tags', { [madeBy.Key]: madeBy.Value })
const ofBucket: Argument = argument('bucket', raw('aws_s3_bucket.media.id'))

const blocksFor: { [T in Kind]: (resource: ResourceOf<T>, context: Context) => Block[] } = {
  // Never destroyed with photos in it: force_destroy is false by default.
  bucket: ({ name }) => [resource('aws_s3_bucket', 'media', [argument('bucket', name)])],
  'public-access-block': ({ body }) => [
    resource('aws_s3_bucket_public_access_block', 'media', [
      ofBucket,
      argument('block_public_acls', body.BlockPublicAcls),
      argument('ignore_public_acls', body.IgnorePublicAcls),
      argument('block_public_policy', body.BlockPublicPolicy),
      argument('restrict_public_buckets', body.RestrictPublicBuckets),
    ]),
  ],
  'object-ownership': ({ body }) => [
    resource('aws_s3_bucket_ownership_controls', 'media', [
      ofBucket,
      { type: 'rule', body: [argument('object_ownership', body.ObjectOwnership)] },
    ]),
  ],
  encryption: ({ body }) => [
    resource('aws_s3_bucket_server_side_encryption_configuration', 'media', [
      ofBucket,
      {
        type: 'rule',
        body: [
          {
            type: 'apply_server_side_encryption_by_default',
            body: [argument('sse_algorithm', body.SSEAlgorithm)],
          },
        ],
      },
    ]),
  ],
  'bucket-policy': ({ body }) => [
    resource('aws_s3_bucket_policy', 'media', [
      ofBucket,
      argument('policy', document({ Version: '2012-10-17', ...body })),
    ]),
  ],
  cors: ({ body }) => [
    resource('aws_s3_bucket_cors_configuration', 'media', [
      ofBucket,
      ...body.CORSRules.map((rule) => ({
        type: 'cors_rule',
        body: [
          argument('id', rule.ID),
          argument('allowed_origins', rule.AllowedOrigins),
          argument('allowed_methods', rule.AllowedMethods),
          argument('allowed_headers', rule.AllowedHeaders),
          argument('expose_headers', rule.ExposeHeaders),
          argument('max_age_seconds', rule.MaxAgeSeconds),
        ],
      })),
    ]),
  ],
  lifecycle: ({ body }) => [
    resource('aws_s3_bucket_lifecycle_configuration', 'media', [
      ofBucket,
      ...body.Rules.map((rule) => ({
        type: 'rule',
        body: [
          argument('id', rule.ID),
          argument('status', rule.Status),
          { type: 'filter', body: [argument('prefix', rule.Filter.Prefix)] },
          {
            type: 'abort_incomplete_multipart_upload',
            body: [
              argument('days_after_initiation', rule.AbortIncompleteMultipartUpload.DaysAfterInitiation),
            ],
          },
        ],
      })),
    ]),
  ],
  policy: ({ type, name, body }, { labels }) => [
    resource('aws_iam_policy', labels(type, name), [
      argument('name', name),
      argument('policy', document(body)),
    ]),
  ],
  user: ({ type, name }, { labels }) => [
    resource('aws_iam_user', labels(type, name), [argument('name', name), tags]),
  ],
  role: ({ type, name, body }, { labels }) => [
    resource('aws_iam_role', labels(type, name), [
      argument('name', name),
      argument('assume_role_policy', document(body.AssumeRolePolicyDocument)),
      tags,
    ]),
  ],
  'instance-profile': ({ name }) => [
    resource('aws_iam_instance_profile', 'app', [
      argument('name', name),
      argument('role', raw('aws_iam_role.app.name')),
    ]),
  ],
  'user-policy': ({ name, body }, { labels }) => {
    const label = labels('user', name)
    return [
      resource('aws_iam_user_policy_attachment', label, [
        argument('user', raw(`aws_iam_user.${label}.name`)),
        argument('policy_arn', raw(`aws_iam_policy.${labels('policy', body.Policy)}.arn`)),
      ]),
    ]
  },
  'role-policy': ({ body }, { labels }) => [
    resource('aws_iam_role_policy_attachment', 'app', [
      argument('role', raw('aws_iam_role.app.name')),
      argument('policy_arn', raw(`aws_iam_policy.${labels('policy', body.Policy)}.arn`)),
    ]),
  ],
  'env-file': ({ name, body }, { labels, resources }) => {
    const keys = keysIn(name, resources).flatMap((key) => {
      const address = `aws_iam_access_key.${labels(key.type, key.name)}`
      return [`${key.body.Id}=\${${address}.id}`, `${key.body.Secret}=\${${address}.secret}`]
    })
    const lines = [...Object.entries(body).map(([variable, value]) => `${variable}=${value}`), ...keys]
    const text = raw(['<<-EOT', ...lines.map((line) => `  ${line}`), 'EOT'].join('\n'))
    return [{ type: 'output', labels: ['env'], body: [argument('sensitive', true), argument('value', text)] }]
  },
  'access-key': ({ type, name }, { labels }) => {
    const label = labels(type, name)
    return [resource('aws_iam_access_key', label, [argument('user', raw(`aws_iam_user.${label}.name`))])]
  },
}

function resource(type: string, label: string, body: Block['body']): Block {
  return { type: 'resource', labels: [type, label], body }
}

function argument(name: string, value: Value): Argument {
  return { name, value }
}

function document(policy: object): Value {
  return call('jsonencode', policy as { [key: string]: Value })
}
