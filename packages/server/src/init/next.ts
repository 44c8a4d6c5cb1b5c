import type { App } from './app.ts'
import { configFile, external, layoutFile, routeFile } from './code/next.ts'
import { component } from './code/page.ts'
import type { Style } from './code/style.ts'
import type { Folder } from './folder.ts'
import type { Planner } from './planner.ts'

/** `const nextConfig: NextConfig = {`, as create-next-app writes it. */
const beginsConfig = /^(?:const \w+(?:: NextConfig)? = |export default |module\.exports = )\{[ \t]*\r?\n/m

/** The API as a route handler, a page, and a configuration that leaves Tintype out of bundles. */
export function planNext(app: App, style: Style, folder: Folder, planner: Planner): string[] {
  const { pages, typescript } = app
  const [code, markup] = typescript ? ['ts', 'tsx'] : ['js', 'jsx']
  const handler = `${pages}/api/[...path]/route.${code}`
  const other = folder.paths.find(
    (path) => path.startsWith(`${pages}/api/[`) && !path.startsWith(`${pages}/api/[...path]/`),
  )
  if (other === undefined) planner.create(handler, routeFile(style))
  else
    planner.byHand.push({
      what: `${other} answers below /api already. Put this elsewhere, with the path in the component and in the handler (mount):`,
      lines: routeFile(style).split('\n'),
    })
  planner.create(`${pages}${app.page}/page.${markup}`, component(style, true))
  if (!folder.paths.some((path) => path.startsWith(`${pages}/layout.`)))
    planner.create(`${pages}/layout.${markup}`, layoutFile(style))
  planConfig(folder, planner)
  const between = folder.paths.find((path) => /^(src\/)?(middleware|proxy)\.[jt]s$/.test(path))
  if (between !== undefined)
    planner.byHand.push({
      what: `${between} runs before handlers, and Next then takes bodies into memory and cuts them off at 10 MB. Leave /api out:`,
      lines: [`export const config = { matcher: '/((?!api/).*)' }`],
    })
  return [
    'npx next dev',
    `Then open ${app.page} in it. Before you deploy: authenticate in ${handler} has to say who is signed in.`,
  ]
}

function planConfig(folder: Folder, planner: Planner): void {
  const path = folder.paths.find((one) => /^next\.config\.[cm]?[jt]s$/.test(one))
  if (path === undefined) {
    planner.create('next.config.mjs', configFile)
    return
  }
  const text = folder.read(path) ?? ''
  if (text.includes(`'tintype'`) || text.includes(`"tintype"`)) return
  const match = beginsConfig.exec(text)
  if (match && !text.includes('serverExternalPackages')) {
    const at = match.index + match[0].length
    const newline = match[0].endsWith('\r\n') ? '\r\n' : '\n'
    planner.change(path, `${text.slice(0, at)}  ${external},${newline}${text.slice(at)}`)
  } else
    planner.byHand.push({ what: `${path} has to leave Tintype out of bundles:`, lines: [`${external},`] })
}
