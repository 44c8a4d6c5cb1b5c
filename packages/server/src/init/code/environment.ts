/** What an app may be told from outside, by name, with what is said of it. */
export const variables = [
  {
    names: ['S3_BUCKET', 'DATABASE_URL'],
    lines: [
      '# Empty, they keep photos and rows below ./data. Postgres needs: npm install pg',
      'S3_BUCKET=',
      'DATABASE_URL=',
    ],
  },
  {
    names: ['AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'],
    lines: [
      '# The way to the bucket; a role or a profile will do as well.',
      '# AWS_REGION=us-east-1',
      '# AWS_ACCESS_KEY_ID=',
      '# AWS_SECRET_ACCESS_KEY=',
    ],
  },
  {
    names: ['AWS_ENDPOINT_URL'],
    lines: ['# Another service than AWS.', '# AWS_ENDPOINT_URL=https://s3.example'],
  },
  {
    names: ['PUBLIC_URL'],
    lines: ['# Behind a proxy: the address that people know.', '# PUBLIC_URL=https://app.example'],
  },
]

/** The file with what it lacks at its end. */
export function withVariables(text = ''): string {
  const lacking = variables.filter(
    ({ names }) => !names.some((name) => new RegExp(`^#?\\s*${name}=`, 'm').test(text)),
  )
  return appended(text, lacking.map(({ lines }) => lines.join('\n')).join('\n\n'))
}

/** Photos of people and keys do not belong into a repository. */
export function withIgnored(text = ''): string {
  const lines = text.split(/\r?\n/)
  const lacking = [
    { line: 'data/', by: /^\/?data\/?$/ },
    { line: '.env', by: /^\/?\.env(\*|\*\.local)?$/ },
  ].filter(({ by }) => !lines.some((line) => by.test(line.trim())))
  return appended(text, lacking.map(({ line }) => line).join('\n'))
}

function appended(text: string, more: string): string {
  if (more === '') return text
  if (text === '') return `${more}\n`
  const newline = text.includes('\r\n') ? '\r\n' : '\n'
  const between = text.endsWith('\n') ? newline : newline + newline
  return `${text}${between}${more.replaceAll('\n', newline)}${newline}`
}
