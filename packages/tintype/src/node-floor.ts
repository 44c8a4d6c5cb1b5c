import { ConfigError } from './settings/error.ts'

/**
 * The oldest Node that will do: `statement.columns()` of node:sqlite came with it. A test holds `engines` of all packages
 * and the documentation to this, and `npm run test:floor` runs the tests on it.
 */
export const nodeFloor = '22.16.0'

/** `22.16`: as people are told. */
export const oldestNode = nodeFloor.replace(/\.0$/, '')

/** @param version e.g. `process.versions.node` */
export function isTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [oldestMajor = 0, oldestMinor = 0] = nodeFloor.split('.').map(Number)
  return major < oldestMajor || (major === oldestMajor && minor < oldestMinor)
}

/** @throws {ConfigError} where the Node is too old: else it would fail at the first upload, in words of its own */
export function demandNode(version: string): void {
  if (isTooOld(version))
    throw new ConfigError(`Tintype needs Node ${oldestNode} or newer; this is ${version}.`)
}
