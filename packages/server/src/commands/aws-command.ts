import { styleText } from 'node:util'
import type { Paint } from '@tintype/aws'
import { type AwsArguments, parseAwsArguments } from './aws-arguments.ts'
import { awsApply, awsDestroy, awsPlan, awsRotate } from './aws-setup.ts'
import { UsageError } from './usage.ts'

const help = `Usage: tintype aws COMMAND [options]

  plan      show what would be made or changed; changes nothing
  apply     make it: bucket, settings, policy, user or role, access key; may be run any number of times
  check     try with the app's own key that it may do what it needs and nothing more
  rotate    a new access key in place of the one in .env
  destroy   take everything away again, but no bucket with objects in it

plan, apply, destroy:
  --bucket NAME      default: S3_BUCKET
  --region REGION    default: AWS_REGION, else us-east-1
  --prefix PREFIX    what keys begin with, such as photos/, in a bucket that is shared; default: S3_PREFIX
  --user NAME        IAM user with an access key; default: tintype-BUCKET
  --role NAME        IAM role instead, without any key: for servers that run on AWS
  --trust WHO        who may take on the role: ec2 (default), ecs, eks, lambda, or an ARN
  --origin URL       address of a page that uploads straight to the bucket; may be repeated
  --no-multipart     only three actions: nothing larger than one request is ever uploaded
  --audit            a second user for \`tintype audit\`, which lists the bucket
  --env FILE         where settings and the secret go; default: .env
  --format FORMAT    plan only: json, cli, terraform or cloudformation instead of the differences; needs no
                     credentials
  --yes              destroy only: do it

check:
  --origin URL       try a browser's preflight from there; default: PUBLIC_URL
  --other BUCKET/KEY  an object that exists and that the key must not reach
  --no-multipart     the two actions for multipart uploads must be denied

rotate:
  --user NAME, --bucket NAME, --region REGION, --prefix PREFIX, --env FILE as above
  --keep-old         stop before the old key is touched; the next run deletes it

plan, apply, rotate and destroy use your own AWS credentials (AWS_PROFILE, SSO, environment), check
those in .env. Exit code: 0 done, 1 failed, 2 wrong usage.`

const setup = ['bucket', 'region', 'prefix', 'user', 'role', 'trust', 'origin', 'multipart', 'audit', 'env']
const commands: Record<string, { takes: string[]; run(values: AwsArguments): Promise<number> }> = {
  plan: { takes: [...setup, 'format'], run: (values) => awsPlan(values, paint) },
  apply: { takes: setup, run: (values) => awsApply(values, paint) },
  check: {
    takes: ['origin', 'other', 'multipart'],
    run: async (values) => (await import('./aws-check.ts')).awsCheck(values, paint),
  },
  rotate: {
    takes: ['bucket', 'region', 'prefix', 'user', 'env', 'keep-old'],
    run: (values) => awsRotate(values, paint),
  },
  destroy: { takes: [...setup, 'yes'], run: (values) => awsDestroy(values, paint) },
}

/** `tintype aws plan|apply|check|rotate|destroy`. @returns the exit code */
export async function run([name = '', ...args]: string[]): Promise<number> {
  if (/^(--help|-h|help|)$/.test(name)) {
    console.log(help)
    return name === '' ? 2 : 0
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!command) throw new UsageError(`There is no \`tintype aws ${name}\`.\n\n${help}`)
  const { given, ...values } = parseAwsArguments(args)
  if (values.help) {
    console.log(help)
    return 0
  }
  const unknown = given.find((option) => !command.takes.includes(option))
  if (unknown !== undefined) throw new UsageError(`\`tintype aws ${name}\` takes no --${unknown}.`)
  return command.run({ given, ...values })
}

/** Colour on a terminal only, and not where NO_COLOR is set. */
const paint: Paint = (colour, text) => styleText(colour, text, { stream: process.stdout })
