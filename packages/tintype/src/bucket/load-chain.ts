import { notInstalled } from '../settings/not-installed.ts'

/**
 * What finds all other credentials: those of a role, of SSO, of a process. An app that has a key need not install it.
 * @throws {ConfigError} with the line that installs it
 */
export function loadChain(): Promise<typeof import('@aws-sdk/credential-provider-node')> {
  return import('@aws-sdk/credential-provider-node').catch(
    notInstalled(
      'A bucket is named and no access key for it (bucket.credentials, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY). To use a role, SSO or a credential process: npm install @aws-sdk/credential-provider-node',
    ),
  )
}
