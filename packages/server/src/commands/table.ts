/** One file per command, loaded on demand: the server never loads what only commands need. */
export interface Command {
  summary: string
  /** The exit code after an error. @default 1 */
  failure?: number
  /** @returns the exit code, or undefined if it keeps running */
  load(): Promise<{ run(args: string[]): Promise<number | undefined> }>
}

/** What `tintype NAME` runs. docs/commands.md is made of it, and of what each says with `--help`. */
export const commands: Record<string, Command> = {
  audit: {
    summary: 'compare the bucket with the database',
    failure: 3,
    load: () => import('./audit-command.ts'),
  },
  aws: {
    summary: 'bucket, policy, user and keys on AWS: plan, apply, check',
    load: () => import('./aws-command.ts'),
  },
  clean: {
    summary: 'take what is private out of what is stored already',
    failure: 3,
    load: () => import('./clean-command.ts'),
  },
  doctor: {
    summary: 'check configuration, database, disk and bucket',
    load: () => import('./doctor-command.ts'),
  },
  hold: {
    summary: 'keep a photo from being deleted, whatever is asked for: legal hold',
    failure: 3,
    load: () => import('./hold-command.ts'),
  },
  init: {
    summary: 'bring uploads into the app in this folder',
    load: () => import('./init-command.ts'),
  },
  restore: {
    summary: 'make a database that was put back agree with the bucket',
    failure: 3,
    load: () => import('./restore-command.ts'),
  },
  serve: { summary: 'the server with the web gallery', load: () => import('./serve-command.ts') },
  upload: {
    summary: 'send photos, videos and folders to a server',
    load: () => import('./upload-command.ts'),
  },
  user: {
    summary: 'who may sign in: add, list, reset, remove',
    load: () => import('./user-command.ts'),
  },
  variants: {
    summary: 'make the sizes of photos anew that the configuration has changed',
    failure: 3,
    load: () => import('./variants-command.ts'),
  },
}
