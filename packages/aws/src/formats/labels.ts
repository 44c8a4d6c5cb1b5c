import type { Resource, ResourceOf } from '../resources.ts'

/**
 * Names within a file, where names of AWS can't stand: what comes first is the app's, and from the second policy on
 * the audit's.
 *
 * @example createLabels(resources)('user', 'tintype-my-photos') // 'app'
 */
export function createLabels(
  resources: readonly Resource[],
): (type: Resource['type'], name: string) => 'app' | 'audit' {
  const firstPolicy = resources.findIndex(({ type }) => type === 'policy')
  const ofAudit = resources.findIndex(({ type }, at) => type === 'policy' && at > firstPolicy)
  const auditors = new Set(
    ofAudit < 0 ? [] : resources.slice(ofAudit).map(({ type, name }) => `${type} ${name}`),
  )
  return (type, name) => (auditors.has(`${type} ${name}`) ? 'audit' : 'app')
}

/** The access keys whose secret goes into a file. */
export function keysIn(file: string, resources: readonly Resource[]): ResourceOf<'access-key'>[] {
  return resources.filter((one) => one.type === 'access-key').filter(({ body }) => body.File === file)
}
