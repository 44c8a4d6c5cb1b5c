import { defineConfig } from 'vite'

// As written: the short form of a proxy would change the Host, and with it where pictures are looked for.
const server = { target: 'http://127.0.0.1:3000', changeOrigin: false }

export default defineConfig({
  // Relative: the server may be reached below a path.
  base: './',
  resolve: {
    // The same interface in a fifth of the bytes: decisions/0320.
    alias: {
      'react-dom/client': 'preact/compat/client',
      'react/jsx-runtime': 'preact/jsx-runtime',
      react: 'preact/compat',
    },
  },
  // The server's Content-Security-Policy has no data: for scripts, styles and fonts: nothing is inlined.
  build: {
    assetsInlineLimit: 0,
    // Guests have a page of their own, with less to load.
    rollupOptions: { input: ['index.html', 'shared.html'] },
    modulePreload: { polyfill: false },
    target: ['chrome105', 'firefox104', 'safari15.6'],
  },
  server: { proxy: { '/api': server, '/session': server, '/plain': server } },
})
