import { commands } from '../packages/server/src/commands/table.ts'

/** docs/commands.md: what each command of `tintype` says with `--help`. */
export async function commandsPage(): Promise<string> {
  const list = Object.entries(commands).map(
    ([name, { summary }]) => `| [\`${name}\`](#tintype-${name}) | ${summary} |`,
  )
  const sections: string[] = []
  for (const [name, command] of Object.entries(commands)) {
    const { run } = await command.load()
    const more = pages[name] ? `\n\n[${pages[name]}](${pages[name]}) tells more.` : ''
    sections.push(`## tintype ${name}\n\n\`\`\`text\n${await printed(() => run(['--help']))}\n\`\`\`${more}`)
  }
  return [intro, ['| command | |', '|---|---|', ...list].join('\n'), ...sections].join('\n\n').concat('\n')
}

const intro = `# Commands

\`npx @tintype/server COMMAND\`, or \`npx tintype COMMAND\` where the package is installed. All of them read the environment, and
\`.env\` in the current folder ([configuration.md](configuration.md)). \`node scripts/commands-doc.ts\` writes this page, from what each
command says with \`--help\`; a test holds it to them.`

/** Guides to a command. */
const pages: Record<string, string> = {
  audit: 'audit.md',
  aws: 'aws.md',
  clean: 'privacy.md',
  upload: 'client.md',
  doctor: 'doctor.md',
  init: 'init.md',
  restore: 'backup.md',
  variants: 'pictures.md',
  serve: 'configuration.md',
}

async function printed(work: () => Promise<unknown>): Promise<string> {
  const { log } = console
  const lines: string[] = []
  console.log = (line: string) => void lines.push(line)
  try {
    await work()
  } finally {
    console.log = log
  }
  return lines.join('\n')
}
