#!/usr/bin/env bash
# Vite rewrites media queries that every browser knows into newer ones that some do not
#
# Expected:  build.target says down to which browsers newer syntax is translated. What is old already stays as it is.
# Happens:   the minifier (Lightning CSS) goes the other way too: where the targets allow it, `(max-width: 52rem)` becomes
#            `(width<=52rem)`, which is shorter. The default targets allow it. Safari before 16.4 leaves such a block out
#            without a message, so a page that was written for old phones loses its layout for phones.
# Seen with: Vite 8.3.8 (Lightning CSS 1.33.0) on Node 24.
# To do:     set build.cssTarget (or target) to the oldest browsers that you serve, also when you write plain old CSS.
#
# Needs bash, Node 22 or newer and npm. Exit: 0 as described, 1 no longer so, 2 could not be tried.
set -eu
node -e 'process.exit(parseInt(process.versions.node) < 22 ? 1 : 0)' || { echo 'Node 22 or newer is needed.' >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund vite@8.3.8 || { echo 'npm could not install the packages.' >&2; exit 2; }

mkdir site
echo '<link rel="stylesheet" href="./page.css">' >site/index.html
echo '@media (max-width: 52rem) { p { color: red } }' >site/page.css

cat >check.mjs <<'EOF'
import { build, version } from 'vite'

async function css(options) {
  const { output } = await build({
    root: 'site', configFile: false, logLevel: 'error', build: { write: false, ...options },
  })
  return output.find(file => file.fileName.endsWith('.css')).source.trim()
}

const seen = {
  'by default': await css({}),
  "cssTarget: 'safari16.0'": await css({ cssTarget: 'safari16.0' }),
  'not minified': await css({ cssMinify: false }),
}
console.log(seen)

const [byDefault, forOlder, untouched] = Object.values(seen).map(text => text.replaceAll(' ', ''))
const asDescribed =
  byDefault.startsWith('@media(width<=52rem)') &&
  forOlder.startsWith('@media(max-width:52rem)') &&
  untouched.startsWith('@media(max-width:52rem)')
console.log(`vite ${version}: ${asDescribed ? 'max-width is rewritten into newer syntax' : 'CHANGED'}`)
process.exitCode = asDescribed ? 0 : 1
EOF
node check.mjs
