import { type Style, typed } from './style.ts'
import { environment, options } from './tintype-file.ts'

const development = `process.${'env'}.NODE_ENV === 'development'`

/** `app/api/[...path]/route.ts`: one library for the process, and one handler for the whole API. */
export function routeFile(style: Style): string {
  const who = `    // While you develop, all requests are of one owner; later of nobody, until this says who is signed in.
    authenticate: (${typed(style, '_request: Request', '_request')}) => (${development} ? 'me' : null),`
  const made = options(who)
    .replaceAll('\n  ...', '\n    ...')
    .replace('\n  publicUrl', '\n    publicUrl')
    .replace(/\}$/, '  }')
  return `import { createTintype } from 'tintype'

${environment}
// Next loads modules anew while you develop: there is still only one. The first request makes it, and after a failure the next one.
const shared = globalThis${typed(style, ' as { tintype?: ReturnType<typeof create> }')}
const create = () =>
  createTintype(${made})
function tintype() {
  shared.tintype ??= create().catch((error) => {
    delete shared.tintype
    throw error
  })
  return shared.tintype
}

const handler = async (request${typed(style, ': Request')}) => (await tintype()).fetch(request)
export { handler as DELETE, handler as GET, handler as HEAD, handler as OPTIONS }
export { handler as PATCH, handler as POST, handler as PUT }
`
}

export const external = `serverExternalPackages: ['tintype', '@tintype/local-s3', 'sharp', 'pg']`

/** It has child processes and native parts, which are not to be bundled. */
export const configFile = `// Tintype has child processes and native parts, which are not to be bundled.
export default { ${external} }
`

/** Next asks for one above every page. */
export function layoutFile(style: Style): string {
  const children = typed(style, `{ children }: { children: React.ReactNode }`, '{ children }')
  return `export default function Layout(${children}) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  )
}
`
}
