import * as iamApi from '@aws-sdk/client-iam'
import * as s3Api from '@aws-sdk/client-s3'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { createAgents, type ProxySettings } from 'tintype/internal/bucket/agents'
import { credentialsOf } from 'tintype/internal/bucket/credentials'
import type { Call } from './calls.ts'

/** Clients of the AWS services that the setup needs. */
export interface Aws {
  /** The SDK's client of S3. */
  s3: s3Api.S3Client
  /** The SDK's client of IAM. */
  iam: iamApi.IAMClient
  /** Account and ARN that the credentials belong to. */
  identity(): Promise<{ account: string; arn: string }>
  /** Sends one call to the service that it names. */
  send(call: Call): Promise<unknown>
  /** Closes the connections. */
  close(): void
}

/** Credentials of AWS. */
export interface Credentials {
  /** Sent with each request. */
  accessKeyId: string
  /** Never sent: requests are signed with it. */
  secretAccessKey: string
  /** Comes with temporary credentials. */
  sessionToken?: string | undefined
}

/**
 * Clients for setting up and for checking: S3, IAM and STS with the same credentials.
 *
 * @param options.endpoint S3's, of a compatible service; those of IAM and STS come from the SDK's own settings
 * @param options.credentials by default the SDK's chain: environment, profile, SSO, role of the machine
 */
export function createAws(options: {
  region: string
  endpoint?: string | undefined
  credentials?: Credentials | (() => Promise<Credentials>) | undefined
  proxy?: ProxySettings | undefined
}): Aws {
  const { region, endpoint, credentials, proxy } = options
  const agents = createAgents(proxy)
  const provide = credentialsOf({ credentials, region, agents })
  const common = {
    region,
    maxAttempts: 5,
    requestHandler: {
      connectionTimeout: 5_000,
      requestTimeout: 30_000,
      throwOnRequestTimeout: true,
      httpAgent: agents.http,
      httpsAgent: agents.https,
    },
    credentials: () => provide().catch(asTheSdkSaysIt) as Promise<SdkCredentials>,
  }
  const s3 = new s3Api.S3Client({
    ...common,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // FIPS and dual stack are of AWS's own endpoints: the SDK would refuse them together with another.
    ...(endpoint === undefined
      ? {}
      : { endpoint, forcePathStyle: true, useFipsEndpoint: false, useDualstackEndpoint: false }),
  })
  const iam = new iamApi.IAMClient(common)
  const sts = new STSClient(common)
  return {
    s3,
    iam,
    async identity() {
      const { Account = '', Arn = '' } = await sts.send(new GetCallerIdentityCommand({}))
      return { account: Account, arn: Arn }
    },
    async send({ service, operation, input }) {
      const client = service === 's3' ? s3 : iam
      const api = (service === 's3' ? s3Api : iamApi) as unknown as Record<string, CommandConstructor>
      const Command = api[`${operation}Command`]
      if (Command === undefined) throw new TypeError(`The SDK has no ${operation} in ${service}.`)
      return (client.send as (command: object) => Promise<unknown>)(new Command(input))
    },
    close() {
      for (const client of [s3, iam, sts]) client.destroy()
    },
  }
}

type SdkCredentials = { accessKeyId: string; secretAccessKey: string }

/** An administrator wants to know what STS or SSO has answered, not that there are no credentials. */
function asTheSdkSaysIt(error: Error): never {
  throw error.cause ?? error
}

type CommandConstructor = new (input: Call['input']) => object

/** The code of an error of AWS's, e.g. `NoSuchEntity`; IAM's SDK puts Exception behind some. */
export function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return ''
  const code = 'Code' in error && typeof error.Code === 'string' ? error.Code : error.name
  return code.replace(/Exception$/, '')
}

export function errorStatus(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return undefined
  return (error.$metadata as { httpStatusCode?: number }).httpStatusCode
}

/** The answer, or undefined where AWS says that there is no such thing. */
export async function ifThere<T>(asking: Promise<T>): Promise<T | undefined> {
  try {
    return await asking
  } catch (error) {
    if (
      /^(NoSuch|NotFound|ServerSideEncryptionConfigurationNotFound|OwnershipControlsNotFound)/.test(
        errorCode(error),
      )
    )
      return undefined
    throw error
  }
}
