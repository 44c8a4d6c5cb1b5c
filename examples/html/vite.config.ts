import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

/** The web components as files that a page without a bundler can import: dist/tintype.js and what it loads later. */
export default defineConfig({
  build: {
    lib: {
      entry: fileURLToPath(import.meta.resolve('@tintype/client/element')),
      formats: ['es'],
      fileName: 'tintype',
    },
  },
})
