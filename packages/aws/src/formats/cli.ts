import { type Call, callsFor } from '../calls.ts'
import { type Resource, type ResourceOf, titleOf } from '../resources.ts'
import { accountPlaceholder } from './json.ts'

/**
 * A shell script for the AWS CLI (version 1 or 2) that makes what `apply` makes, where nothing is there yet. Run
 * twice, it goes on where it stopped: what exists is left alone, settings of the bucket are put again.
 */
export function cliScript(resources: readonly Resource[], region: string): string {
  const blocks = resources.map((resource) =>
    [`# ${titleOf(resource)}`, ...linesFor(resource, region)].join('\n'),
  )
  return `${[prologue(region), ...blocks].join('\n\n')}\n`
}

function linesFor(resource: Resource, region: string): string[] {
  if (resource.type === 'env-file') return settings(resource)
  if (resource.type === 'access-key') return accessKey(resource)
  // Calls that create fail when run twice; calls that put can be repeated.
  return callsFor(resource, { account: accountPlaceholder, region }).map((call) =>
    /^(Create|Add)/.test(call.operation) ? `once ${awsLine(call)}` : awsLine(call),
  )
}

function prologue(region: string): string {
  return `#!/usr/bin/env bash
# Made by \`tintype aws plan --format cli\`. Needs the AWS CLI, signed in as a user who may do all this.
set -euo pipefail
umask 077
export AWS_PAGER='' AWS_DEFAULT_REGION=${region} AWS_REGION=${region}
ACCOUNT=$(aws sts get-caller-identity --query Account --output text)
# Runs a call; what is there already is as good as made.
once() {
  local said
  said=$("$@" 2>&1 >/dev/null) && return
  case $said in
    *EntityAlreadyExists* | *BucketAlreadyOwnedByYou* | *InstanceSessionsPerInstanceProfile*) ;;
    *) printf '%s\\n' "$said" >&2 && return 1 ;;
  esac
}`
}

/** One option for each input, with the account's number filled in by the shell. */
function awsLine({ service, operation, input }: Call): string {
  const options = Object.entries(input).map(([name, value]) => {
    const text = quote(typeof value === 'string' ? indented(value) : JSON.stringify(value, null, 2))
    return `--${kebab(name)} ${text.replaceAll(accountPlaceholder, '"$ACCOUNT"')}`
  })
  return [`aws ${service === 's3' ? 's3api' : 'iam'} ${kebab(operation)}`, ...options].join(' ')
}

/** @example kebab('CORSConfiguration') // 'cors-configuration' */
function kebab(name: string): string {
  return name.replace(/(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, '-').toLowerCase()
}

/** Policies are JSON within JSON: here they are to be read. */
function indented(text: string): string {
  return text.startsWith('{') ? JSON.stringify(JSON.parse(text), null, 2) : text
}

function settings({ name, body }: ResourceOf<'env-file'>): string[] {
  const file = quote(name)
  return Object.entries(body).map(
    ([variable, value]) =>
      `grep -qs '^${variable}=' ${file} || printf '%s\\n' ${quote(`${variable}=${value}`)} >>${file}`,
  )
}

/** The secret goes from a variable of the shell into the file, and never to the terminal. */
function accessKey({ name, body }: ResourceOf<'access-key'>): string[] {
  const file = quote(body.File)
  return [
    `if ! grep -qs '^${body.Id}=.' ${file}; then`,
    `  key=$(aws iam create-access-key --user-name ${quote(name)} \\`,
    `    --query 'AccessKey.[AccessKeyId,SecretAccessKey]' --output text)`,
    `  chmod 600 ${file}`,
    `  printf '${body.Id}=%s\\n${body.Secret}=%s\\n' $key >>${file}`,
    'fi',
  ]
}

/** For a POSIX shell. */
function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
