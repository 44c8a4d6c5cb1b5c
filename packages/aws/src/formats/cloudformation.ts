import { madeBy } from '../calls.ts'
import type { Kind, Resource, ResourceOf } from '../resources.ts'
import { createLabels, keysIn } from './labels.ts'

/**
 * A CloudFormation template that makes what `apply` makes. A template can't write a file, and an output would show
 * the secret to everybody who sees the stack: so the lines for `.env` go into Secrets Manager, which costs what a
 * secret costs there a month; an output has the command that fetches them.
 */
export function cloudFormation(resources: readonly Resource[]): string {
  const labels = createLabels(resources)
  const parts = resources.map((resource) => {
    const render = partFor[resource.type] as (resource: Resource, context: Context) => Part
    return render(resource, { labels, resources })
  })
  const bucket = Object.assign({}, ...parts.map((part) => part.bucket ?? {})) as object
  const template = {
    AWSTemplateFormatVersion: '2010-09-09',
    Description:
      'Made by tintype aws plan --format cloudformation. Deploy with --capabilities CAPABILITY_NAMED_IAM.',
    Resources: {
      // The bucket and its photos outlive the stack.
      Media: {
        Type: 'AWS::S3::Bucket',
        DeletionPolicy: 'Retain',
        UpdateReplacePolicy: 'Retain',
        Properties: bucket,
      },
      ...Object.assign({}, ...parts.map((part) => part.resources ?? {})),
    },
    Outputs: Object.assign({}, ...parts.map((part) => part.outputs ?? {})),
  }
  return `${JSON.stringify(template, null, 2)}\n`
}

/** What one resource adds: properties of the bucket, resources of its own, outputs. */
interface Part {
  bucket?: object
  resources?: Record<string, object>
  outputs?: Record<string, object>
}

interface Context {
  labels: ReturnType<typeof createLabels>
  resources: readonly Resource[]
}

const partFor: { [T in Kind]: (resource: ResourceOf<T>, context: Context) => Part } = {
  bucket: ({ name }) => ({ bucket: { BucketName: name } }),
  'public-access-block': ({ body }) => ({ bucket: { PublicAccessBlockConfiguration: body } }),
  'object-ownership': ({ body }) => ({ bucket: { OwnershipControls: { Rules: [body] } } }),
  encryption: ({ body }) => ({
    bucket: {
      BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: body }] },
    },
  }),
  'bucket-policy': ({ body }) => ({
    resources: {
      MediaPolicy: {
        Type: 'AWS::S3::BucketPolicy',
        Properties: { Bucket: ref('Media'), PolicyDocument: { Version: '2012-10-17', ...body } },
      },
    },
  }),
  cors: ({ body }) => ({
    bucket: {
      CorsConfiguration: {
        CorsRules: body.CORSRules.map((rule) => ({
          Id: rule.ID,
          AllowedOrigins: rule.AllowedOrigins,
          AllowedMethods: rule.AllowedMethods,
          AllowedHeaders: rule.AllowedHeaders,
          ExposedHeaders: rule.ExposeHeaders,
          MaxAge: rule.MaxAgeSeconds,
        })),
      },
    },
  }),
  lifecycle: ({ body }) => ({
    bucket: {
      LifecycleConfiguration: {
        Rules: body.Rules.map(({ ID, Status, Filter, AbortIncompleteMultipartUpload }) => ({
          Id: ID,
          Status,
          Prefix: Filter.Prefix,
          AbortIncompleteMultipartUpload,
        })),
      },
    },
  }),
  policy: ({ type, name, body }, { labels, resources }) => {
    const holders = (kind: 'user-policy' | 'role-policy') =>
      resources
        .filter((one) => one.type === kind && one.body.Policy === name)
        .map((one) => ref(`${idOf(labels(kind, one.name))}${kind === 'user-policy' ? 'User' : 'Role'}`))
    const [Users, Roles] = [holders('user-policy'), holders('role-policy')]
    const attached = { ...(Users.length > 0 ? { Users } : {}), ...(Roles.length > 0 ? { Roles } : {}) }
    return {
      resources: {
        [`${idOf(labels(type, name))}Policy`]: {
          Type: 'AWS::IAM::ManagedPolicy',
          Properties: { ManagedPolicyName: name, PolicyDocument: body, ...attached },
        },
      },
    }
  },
  user: ({ type, name }, { labels }) => ({
    resources: {
      [`${idOf(labels(type, name))}User`]: {
        Type: 'AWS::IAM::User',
        Properties: { UserName: name, Tags: [madeBy] },
      },
    },
  }),
  role: ({ name, body }) => ({
    resources: {
      AppRole: {
        Type: 'AWS::IAM::Role',
        Properties: {
          RoleName: name,
          Tags: [madeBy],
          AssumeRolePolicyDocument: body.AssumeRolePolicyDocument,
        },
      },
    },
  }),
  'instance-profile': ({ name }) => ({
    resources: {
      AppInstanceProfile: {
        Type: 'AWS::IAM::InstanceProfile',
        Properties: { InstanceProfileName: name, Roles: [ref('AppRole')] },
      },
    },
  }),
  // With the policies, above.
  'user-policy': () => ({}),
  'role-policy': () => ({}),
  'env-file': ({ name, body }, { labels, resources }) => {
    const lines = Object.entries(body).map(([variable, value]) => `${variable}=${value}\n`)
    const keys = keysIn(name, resources).map((key) => {
      const id = `${idOf(labels(key.type, key.name))}Key`
      return `${key.body.Id}=\${${id}}\n${key.body.Secret}=\${${id}.SecretAccessKey}\n`
    })
    if (keys.length === 0) {
      return { outputs: { Env: { Description: `Goes into ${name}`, Value: lines.join('') } } }
    }
    const secret = `tintype/${body.S3_BUCKET}`
    const fetched = `aws secretsmanager get-secret-value --secret-id ${secret} --query SecretString --output text`
    return {
      resources: {
        Env: {
          Type: 'AWS::SecretsManager::Secret',
          Properties: { Name: secret, SecretString: { 'Fn::Sub': [...lines, ...keys].join('') } },
        },
      },
      outputs: { Env: { Description: `Writes ${name}`, Value: `(umask 077 && ${fetched} >>${name})` } },
    }
  },
  'access-key': ({ type, name }, { labels }) => {
    const id = idOf(labels(type, name))
    return {
      resources: {
        [`${id}Key`]: { Type: 'AWS::IAM::AccessKey', Properties: { UserName: ref(`${id}User`) } },
      },
    }
  },
}

function idOf(label: 'app' | 'audit'): string {
  return label === 'app' ? 'App' : 'Audit'
}

function ref(id: string): { Ref: string } {
  return { Ref: id }
}
