import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const server = 'http://127.0.0.1:3000'

export default defineConfig({
  plugins: [react()],
  // The server's Content-Security-Policy has no data: for scripts, styles and fonts: nothing is inlined.
  build: { assetsInlineLimit: 0, modulePreload: { polyfill: false }, target: 'baseline-widely-available' },
  server: { proxy: { '/api': server, '/session': server, '/s3': server } },
})
