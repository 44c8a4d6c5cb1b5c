import { ConfigError } from './error.ts'

/**
 * To `catch` what the import of a package that not every app needs may throw.
 *
 * @param message with the line that installs it
 * @returns throws {@link ConfigError} where it is not there, and whatever else went wrong as it is
 */
export function notInstalled(message: string): (cause: NodeJS.ErrnoException) => never {
  return (cause) => {
    const { code } = cause
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw cause
    throw new ConfigError(message, { cause })
  }
}
