import { loadConfig, NODE_REGION_CONFIG_FILE_OPTIONS, NODE_REGION_CONFIG_OPTIONS } from '@smithy/core/config'
import { resolveEndpointConfig } from '@smithy/core/endpoints'
import { ConfigError } from '../settings/error.ts'
import { readProxies } from '../settings/s3.ts'
import { readRegion } from '../settings/storage.ts'
import { readEndpoint } from '../settings/urls.ts'
import { addressOf } from './address.ts'
import type { ProxySettings } from './agents.ts'
import { keyOfTheSdk } from './key-of-the-sdk.ts'
import { loadChain } from './load-chain.ts'
import type { BucketOptions, LocatedBucket } from './options.ts'

/**
 * The same bucket, with what the AWS SDK has been told elsewhere, read by the SDK's own loaders from the environment and
 * the profile in ~/.aws/config: key and region where none is given, an endpoint, the switches for FIPS and dual stack. So
 * requests and signed URLs go where the SDK's own would. And by the proxy that the environment names, which the SDK would not.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 *
 * @throws {ConfigError} when what it has been told is no region, no address, no switch, or contradicts itself; when there is no key,
 * nor what finds other credentials
 */
export async function locate(options: BucketOptions): Promise<LocatedBucket> {
  const fips = await isOn('AWS_USE_FIPS_ENDPOINT')
  const dualStack = await isOn('AWS_USE_DUALSTACK_ENDPOINT')
  const endpoint = options.endpoint ?? (await endpointOfTheSdk())
  if (endpoint !== undefined && (fips || dualStack)) {
    const name = fips ? 'AWS_USE_FIPS_ENDPOINT' : 'AWS_USE_DUALSTACK_ENDPOINT'
    throw new ConfigError(
      `${name} (in the environment, or ${switches[name]} in the AWS profile) is for AWS's own endpoints, but the bucket has an endpoint of its own: take one of the two away.`,
    )
  }
  const credentials = options.credentials ?? (await keyOfTheSdk())
  if (credentials === undefined) await loadChain()
  const region = options.region ?? (await regionOfTheSdk({ ...options, endpoint, credentials }))
  if (endpoint === undefined) {
    refusePseudoRegion(region)
    // For what AWS does not offer there: before the first request, and in every command.
    addressOf({ bucket: options.name, region, endpoint, fips, dualStack })
  }
  const proxy = options.proxy ?? (await proxyOfTheEnvironment())
  return { ...options, credentials, region, endpoint, fips, dualStack, proxy }
}

/** The variable in the environment, and its name in a profile. */
const switches = {
  AWS_USE_FIPS_ENDPOINT: 'use_fips_endpoint',
  AWS_USE_DUALSTACK_ENDPOINT: 'use_dualstack_endpoint',
  AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'ignore_configured_endpoint_urls',
} as const

/** The SDK itself passes over a value that it doesn't know: a `yes` for FIPS would mean no FIPS. */
async function isOn(name: keyof typeof switches): Promise<boolean> {
  const value = await setting([name], switches[name])
  if (value === undefined || value === 'false') return false
  if (value === 'true') return true
  throw new ConfigError(`${name} (or ${switches[name]} in the AWS profile) has to be true or false.`)
}

async function endpointOfTheSdk(): Promise<string | undefined> {
  if (await isOn('AWS_IGNORE_CONFIGURED_ENDPOINT_URLS')) return undefined
  const { serviceConfiguredEndpoint } = resolveEndpointConfig({ serviceId: 'S3' } as never) as {
    serviceConfiguredEndpoint?: () => Promise<string | undefined>
  }
  const endpoint = (await serviceConfiguredEndpoint?.()) || undefined
  try {
    return endpoint && readEndpoint('AWS_ENDPOINT_URL', endpoint)
  } catch (cause) {
    // What it says may hold a password.
    throw new ConfigError(noAddress, { cause })
  }
}

const noAddress =
  'AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL or endpoint_url of the AWS profile is no address of a service: write one such as https://s3.example, or set S3_ENDPOINT.'

/** A machine is asked for its own region only where it also gives the credentials. */
async function regionOfTheSdk({ endpoint, credentials }: BucketOptions): Promise<string> {
  const told = await setting(['AWS_REGION', 'AWS_DEFAULT_REGION'], 'region')
  if (told !== undefined) {
    const aws = endpoint === undefined
    return readRegion('AWS_REGION, AWS_DEFAULT_REGION or region of the AWS profile', told, { aws })
  }
  if (endpoint !== undefined || credentials !== undefined) return 'us-east-1'
  const { default: ofTheMachine } = NODE_REGION_CONFIG_OPTIONS
  return (ofTheMachine as () => Promise<string>)().catch(() => 'us-east-1')
}

async function proxyOfTheEnvironment(): Promise<ProxySettings | undefined> {
  const environment = await loadConfig<Record<string, string | undefined>>({
    environmentVariableSelector: (env) => env,
    configFileSelector: () => undefined,
    default: {},
  })()
  return readProxies((name) => environment[name]?.trim() || undefined, process.versions.node)
}

/** As it is written: in the environment, or else in the profile that AWS_PROFILE names. */
function setting(names: readonly string[], key: string): Promise<string | undefined> {
  return loadConfig<string | undefined>(
    {
      environmentVariableSelector: (env) => names.map((name) => env[name]).find(Boolean),
      configFileSelector: (profile) => profile[key],
      default: undefined,
    },
    NODE_REGION_CONFIG_FILE_OPTIONS,
  )()
}

/** Old names of endpoints, which the SDK takes for a region and a switch. */
function refusePseudoRegion(region: string): void {
  const [, before, after] = /^(?:fips-(.+)|(.+)-fips)$/.exec(region) ?? []
  const real = before ?? after
  if (real !== undefined) {
    throw new ConfigError(
      `"${region}" is no region but an endpoint: write ${real}, and set AWS_USE_FIPS_ENDPOINT to true.`,
    )
  }
  if (/^aws(-[a-z-]+)?-global$/.test(region)) {
    throw new ConfigError(`"${region}" is no region where a bucket is: write one such as eu-central-1.`)
  }
}
