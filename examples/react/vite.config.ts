import { defineConfig } from 'vite'

export default defineConfig({
  server: {
    // While you work on the page: `npx vite`, with the app beside it. changeOrigin keeps the Host, docs/own-page.md tells why.
    proxy: { '/api': { target: 'http://127.0.0.1:4000', changeOrigin: false } },
  },
})
