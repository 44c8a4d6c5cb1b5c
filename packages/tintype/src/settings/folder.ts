import { accessSync, constants } from 'node:fs'
import { makePrivateFolder } from '../private-files.ts'
import { ConfigError } from './error.ts'

/**
 * Makes the folder in which things are kept, before anything else is begun.
 * @param name of the variable or option that names it
 * @throws {ConfigError} when it can't be made, or this user may not write there
 */
export function useFolder(name: string, path: string): void {
  try {
    makePrivateFolder(path)
    accessSync(path, constants.W_OK | constants.X_OK)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new ConfigError(
      `${name} is "${path}", where nothing can be kept (${code}): let this user write there, or take another folder, such as ./data.`,
      { cause: error },
    )
  }
}
