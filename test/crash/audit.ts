import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { commandIn } from '../support/process.ts'
import { admin, type World } from './world.ts'

/** What `tintype audit` finds in a world, each finding as its JSON line. */
export async function audit(world: World, options = ['--checksums']): Promise<string[]> {
  const command = [commandIn(world.source), 'audit', '--json', ...options]
  const child = spawn(process.execPath, command, {
    env: {
      ...world.env,
      DATABASE_URL: world.databaseUrl,
      S3_ENDPOINT: world.s3.url,
      AUDIT_ACCESS_KEY_ID: admin.accessKeyId,
      AUDIT_SECRET_ACCESS_KEY: admin.secretAccessKey,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])
  const lines = output.trim().split('\n')
  const findings = lines.filter((line) => !line.includes('"type":"summary"'))
  if (code !== 0 && findings.length === 0) findings.push(`exit code ${code}`)
  if (lines.length === findings.length) findings.push('it printed no summary')
  return findings
}
