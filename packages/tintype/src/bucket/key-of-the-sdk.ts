import { loadConfig } from '@smithy/core/config'
import type { Credentials } from './credentials.ts'

type Values = Record<string, string | undefined>

/**
 * The access key that stands in the environment, or in the profile that AWS_PROFILE names, read by the SDK's own loaders. The
 * profile goes before the environment where it is named, and a role before the key of its profile, as in the SDK's chain.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-static-credentials.html
 */
export function keyOfTheSdk(): Promise<Credentials | undefined> {
  return loadConfig<Credentials | undefined>({
    environmentVariableSelector: (env) =>
      env.AWS_PROFILE
        ? undefined
        : keyOf(env.AWS_ACCESS_KEY_ID, env.AWS_SECRET_ACCESS_KEY, {
            sessionToken: env.AWS_SESSION_TOKEN,
            expiration: env.AWS_CREDENTIAL_EXPIRATION,
          }),
    configFileSelector: (profile: Values) =>
      profile.role_arn
        ? undefined
        : keyOf(profile.aws_access_key_id, profile.aws_secret_access_key, {
            sessionToken: profile.aws_session_token,
          }),
    default: undefined,
  })()
}

function keyOf(
  accessKeyId: string | undefined,
  secretAccessKey: string | undefined,
  { sessionToken, expiration }: { sessionToken?: string | undefined; expiration?: string | undefined },
): Credentials | undefined {
  if (!accessKeyId || !secretAccessKey) return undefined
  return {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken && { sessionToken }),
    ...(expiration && { expiration: new Date(expiration) }),
  }
}
