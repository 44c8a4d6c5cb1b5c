import { type ParseArgsConfig, parseArgs } from 'node:util'

/** A command was used wrongly; the message says what is right. Exit code 2. */
export class UsageError extends Error {}

/**
 * What stands behind the name of a command.
 *
 * @param command as it is called, such as `user`
 * @param config as `parseArgs` of Node takes it; `--help` and `-h` are added
 * @throws {UsageError} for what the command does not take; it names the help that tells more
 */
export function readArguments<T extends ParseArgsConfig>(command: string, config: T) {
  type Config = T & { options: typeof help }
  try {
    return parseArgs<Config>({ ...config, options: { ...config.options, ...help } } as Config)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    // Node's first sentence says what is wrong; another may follow on names that begin with a dash.
    const [what = ''] = error.message.split(/\.(?=\s|$)/)
    throw new UsageError(`${what}. \`tintype ${command} --help\` tells more.`)
  }
}

const help = { help: { type: 'boolean', short: 'h', default: false } } as const
