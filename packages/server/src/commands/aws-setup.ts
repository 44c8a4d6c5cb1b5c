import {
  type ApplyContext,
  type Aws,
  apply,
  type Credentials,
  cliScript,
  cloudFormation,
  createAws,
  desiredResources,
  destroy,
  explain,
  jsonPlan,
  type Paint,
  plan,
  proveKey,
  type Resource,
  type ResourceOf,
  readOptions,
  removable,
  renderPlan,
  rotateKey,
  SetupError,
  type SetupOptions,
  type Step,
  summary,
  terraform,
  titleOf,
} from '@tintype/aws'
import { locate } from 'tintype/internal/bucket/locate'
import { systemClock } from 'tintype/internal/clock'
import { ConfigError } from 'tintype/internal/settings/error'
import { readKeyPrefix } from 'tintype/internal/settings/storage'
import { loadPlace } from '../config.ts'
import type { AwsArguments } from './aws-arguments.ts'
import { UsageError } from './usage.ts'

const formats: Record<string, (resources: readonly Resource[], region: string) => string> = {
  json: jsonPlan,
  cli: cliScript,
  terraform,
  cloudformation: cloudFormation,
}

/** `tintype aws plan`. */
export async function awsPlan(args: AwsArguments, paint: Paint): Promise<number> {
  const { options, resources } = await read(args)
  if (args.format !== undefined) {
    const format = Object.hasOwn(formats, args.format) ? formats[args.format] : undefined
    if (!format) throw new UsageError(`--format is one of ${Object.keys(formats).join(', ')}.`)
    process.stdout.write(format(resources, options.region))
    return 0
  }
  return withAws(options, async (aws, account) => {
    process.stdout.write(heading(options, account, paint))
    process.stdout.write(renderPlan(await plan(resources, { aws, account, region: options.region }), paint))
    return 0
  })
}

/** `tintype aws apply`. */
export async function awsApply(args: AwsArguments, paint: Paint): Promise<number> {
  const { options, resources } = await read(args)
  return withAws(options, async (aws, account) => {
    process.stdout.write(heading(options, account, paint))
    const prove: ApplyContext['prove'] = (credentials, user) =>
      proveKey(credentials, options, { lists: user !== options.identity.name, sleep })
    const onStep = (step: Step | string) => console.log(stepLine(step, paint))
    const steps = await apply(resources, { aws, account, region: options.region, prove, onStep, sleep, now })
    const origins = options.origins.map((origin) => ` --origin ${origin}`).join('')
    console.log(`\n${summary(steps).replace(' to make', ' made').replace(' to change', ' changed')}`)
    if (options.identity.type === 'user') console.log(`Next: tintype aws check${origins}`)
    else console.log(`Next, on a machine that has the role: tintype aws check${origins}`)
    return 0
  })
}

/** `tintype aws rotate`. */
export async function awsRotate(args: AwsArguments, paint: Paint): Promise<number> {
  const { options, resources } = await read(args)
  const key = resources.find((one): one is ResourceOf<'access-key'> => one.type === 'access-key')
  if (!key) throw new SetupError('A role has no keys to be replaced.')
  return withAws(options, async (aws) => {
    const prove = (credentials: Credentials) => proveKey(credentials, options, { lists: false, sleep })
    const onStep = (message: string) => console.log(stepLine(message, paint))
    const context = { aws, user: key.name, place: key.body, prove, onStep, now }
    await rotateKey(context, { keepOld: args['keep-old'] })
    return 0
  })
}

/** `tintype aws destroy`. Without --yes it says what it would do. */
export async function awsDestroy(args: AwsArguments, paint: Paint): Promise<number> {
  const { options } = await read(args)
  // The audit's user goes too, even if --audit is not given.
  const resources = desiredResources({ ...options, audit: true }, args.env)
  if (!args.yes) {
    console.log(`This would be taken away, where it is there:\n`)
    for (const title of removable(resources)) console.log(paint('red', `  - ${title}`))
    console.log('\nAdd --yes to do it.')
    return 0
  }
  return withAws(options, async (aws, account) => {
    await destroy(resources, {
      aws,
      account,
      region: options.region,
      onStep({ resource, outcome, why }) {
        const reason = why === undefined ? '' : `: ${why}`
        if (outcome !== 'absent') console.log(`${outcome.padEnd(8)} ${titleOf(resource)}${reason}`)
      },
    })
    return 0
  })
}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
const now = systemClock.now

/** With region and endpoint as the AWS SDK has been told, where nothing else says them. */
async function read(args: AwsArguments): Promise<{ options: SetupOptions; resources: Resource[] }> {
  const place = loadPlace()
  const bucket = args.bucket ?? place.bucket
  const named = { name: bucket ?? '', region: args.region ?? place.region, endpoint: place.endpoint }
  const { region, endpoint } = await locate(named)
  try {
    const options = readOptions({
      ...args,
      bucket,
      region,
      prefix: args.prefix === undefined ? place.prefix : readKeyPrefix('--prefix', args.prefix),
      origins: args.origin,
      endpoint,
      proxy: place.proxy,
      multipart: args.multipart ?? place.multipart,
      session: place.session,
    })
    return { options, resources: desiredResources(options, args.env) }
  } catch (error) {
    throw error instanceof SetupError || error instanceof ConfigError ? new UsageError(error.message) : error
  }
}

/** Prints errors of AWS as one sentence. Any other error is a bug and keeps its stack. */
async function withAws(
  options: SetupOptions,
  work: (aws: Aws, account: string) => Promise<number>,
): Promise<number> {
  const aws = createAws(options)
  try {
    const { account } = await aws.identity()
    return await work(aws, account)
  } catch (error) {
    const sentence = explain(error, options)
    if (sentence === undefined) throw error
    console.error(`tintype: ${sentence}`)
    return 1
  } finally {
    aws.close()
  }
}

function heading({ bucket, region, endpoint, tlsOnly }: SetupOptions, account: string, paint: Paint): string {
  const where = endpoint === undefined ? '' : ` at ${endpoint}`
  const noTls = tlsOnly
    ? ''
    : paint('yellow', `! ${endpoint} has no TLS, so requests without it are not refused.\n`)
  return `${paint('bold', `${bucket} in ${region}, account ${account}${where}`)}\n${noTls}\n`
}

const verbs = { create: 'made', update: 'changed', keep: 'there' } as const
const colours = { create: 'green', update: 'yellow', keep: 'dim' } as const

function stepLine(step: Step | string, paint: Paint): string {
  if (typeof step === 'string') return paint('dim', `${' '.repeat(8)} ${step}`)
  const notes = (step.observed.notes ?? []).map((note) => `\n${paint('yellow', `       ! ${note}`)}`)
  return `${paint(colours[step.action], verbs[step.action].padEnd(8))} ${titleOf(step.resource)}${notes.join('')}`
}
