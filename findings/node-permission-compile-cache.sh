#!/usr/bin/env bash
# Node: a process under the permission model can't read its compile cache unless it may write to it
#
# Expected:  `--permission` with `--allow-fs-read=*` may read everything, so a cache in NODE_COMPILE_CACHE that an earlier process has filled
#            saves a sandboxed process the compilation, as it does elsewhere.
# Happens:   the cache is left out as a whole unless `--allow-fs-write` names its folder. By the environment variable that is silent: the
#            process starts as slowly as without. Only `module.enableCompileCache()` says so, in a status that few read. The grant that would
#            help lets sandboxed code write what every other process with this cache executes.
# Seen with: Node 24.21.0: `module.getCompileCacheDir()` is undefined with reading alone, and there with both. A child process of ours
#            took 0.54 s of CPU in place of the 0.29 that it takes with its cache.
# To do:     expect no cache in a process that must not write; give such a process fewer modules, or bundled ones.
#
# Needs bash, Node 20 or newer and npm. Exit: 0 as described, 1 no longer so, 2 could not be tried.
set -eu
node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' || { echo 'Node 20 or newer is needed.' >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private":true,"allowScripts":{"node":true}}' >package.json
npm install --silent --no-audit --no-fund node@24.21.0 || { echo 'npm could not install the packages.' >&2; exit 2; }

cat >used.mjs <<'JS'
import { getCompileCacheDir } from 'node:module'
process.stdout.write(getCompileCacheDir() === undefined ? 'no' : 'yes')
JS
export NODE_COMPILE_CACHE="$work/cache"
used() { node_modules/.bin/node "$@" used.mjs; }
plain=$(used)
reading=$(used --permission '--allow-fs-read=*')
writing=$(used --permission '--allow-fs-read=*' "--allow-fs-write=$work/cache")
echo "$(node_modules/.bin/node --version): the cache is used without the permission model: $plain, with it and all files to read: $reading, with its folder to write as well: $writing"
[ "$plain $reading $writing" = 'yes no yes' ]
