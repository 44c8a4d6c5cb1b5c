import { defineConfig } from 'vite'

/** Below which address the API is, for a page on another origin than it, e.g. `https://photos.example`. */
const { API = '' } = process.env

export default defineConfig({
  define: { __API__: JSON.stringify(`${API}/api`) },
  // @tintype/client is linked, and would find another React.
  resolve: { dedupe: ['react', 'react-dom'] },
  server: { proxy: { '/api': { target: 'http://127.0.0.1:3000', changeOrigin: false } } },
})
