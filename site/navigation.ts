/** A page of docs/, and in one line what it answers: the menu of the site, docs/README.md and llms.txt have these. */
export interface Page {
  /** Below docs/. */
  file: string
  /** Short, for the menu. */
  title: string
  about: string
}

export interface Section {
  title: string
  pages: Page[]
}

const page = (file: string, title: string, about: string): Page => ({ file, title, about })

/**
 * All of docs/ in the order in which a reader needs it. A test fails for a page that is missing here;
 * `node scripts/docs-index.ts` writes docs/README.md anew.
 */
export const navigation: Section[] = [
  {
    title: 'Start',
    pages: [
      page('start.md', 'Ten minutes', 'from an empty folder to a photo, with Express, Hono, Fastify or Next'),
      page('init.md', 'tintype init', 'the same by one command, in the app that you have: a diff first'),
      page('questions.md', 'Questions', 'what newcomers ask first, before it is deployed, moving away'),
      page('concepts.md', 'Concepts', 'five nouns, one picture, one guarantee'),
      page(
        'own-page.md',
        'A page of your own',
        'the browser’s side, with Vite, on the same or another origin',
      ),
    ],
  },
  {
    title: 'Take photos in',
    pages: [
      page('forms.md', 'Forms', 'with and without JavaScript, with fields, on routes of your own'),
      page('react.md', 'React', 'the hook, elements, progress, pictures, a whole page'),
      page('client.md', 'The client', '`upload`, queues, pause and resume, the library of photos'),
      page('elements.md', 'Web components', 'drop zone, list and picture for a page without a framework'),
      page('direct-uploads.md', 'Direct uploads', 'large files from the browser straight to S3'),
      page('protocols.md', 'Resumable uploads', 'tus 1.0, the IETF draft, a file as the body'),
      page('multer.md', 'Multer', 'for apps that have it: keep it, and give it a storage that loses nothing'),
      page('hooks.md', 'Hooks', 'limits of your own, changes to a file, rows in the same transaction'),
      page('scanning.md', 'Scanning', 'a virus scanner or a moderator before anybody sees a file'),
      page('mail.md', 'Photos by mail', 'what is attached to a mail, once however often it is delivered'),
      page('files.md', 'Which files are taken', 'types, what is looked at, what is refused and why'),
      page('limits.md', 'Limits', 'quotas for each owner, and rates'),
    ],
  },
  {
    title: 'Show and keep them',
    pages: [
      page('pictures.md', 'Pictures', 'sizes, formats, `srcset`, placeholders'),
      page('video.md', 'Videos', 'posters, codecs, what plays where'),
      page(
        'media.md',
        'What a record carries',
        'caption, alternative text, data of yours, and who may see it',
      ),
      page('dates.md', 'Dates and cameras', 'when and with what a photo was taken'),
      page('privacy.md', 'Privacy', 'what leaves with a photo, and what doesn’t'),
      page('undo.md', 'Undo', 'removed and replaced photos for a while, versions, legal holds'),
      page('events.md', 'Events and webhooks', 'listeners, an outbox that misses nothing, signed webhooks'),
      page('transactions.md', 'Your own tables', 'photos and posts that come and go together'),
      page(
        'records.md',
        'Records in any database',
        'the order of steps where one transaction can’t span both',
      ),
      page('gallery.md', 'The gallery', 'what the ready server shows'),
      page('compared-gallery.md', 'The gallery, compared', 'beside Google Photos, Immich and iCloud Photos'),
      page('people.md', 'People', 'who may sign in, with photos of their own'),
      page(
        'albums.md',
        'Albums and share links',
        'links to look at an album, or to send photos into it without an account',
      ),
    ],
  },
  {
    title: 'Run it',
    pages: [
      page('doors.md', 'Frameworks', 'Express, Fastify, Hono, Next, plain Node: how requests get in'),
      page('testing.md', 'Tests of your app', 'with the real parts, in a folder for each test'),
      page('database.md', 'The database', 'SQLite or Postgres, prefixes, schemas, your own pool'),
      page('aws.md', 'AWS', 'bucket, policy, user and key: plan, apply, check'),
      page('providers/README.md', 'Other services', 'R2, MinIO, Garage, Ceph, Backblaze B2'),
      page(
        'proxies.md',
        'Proxies and CDN',
        'nginx, Caddy, Cloudflare, CloudFront, and what they have to pass on',
      ),
      page('docker.md', 'Containers and services', 'an image, Docker Compose, systemd'),
      page('scaling.md', 'Several processes', 'one database, one bucket, any number of servers'),
      page('memory.md', 'Memory', 'the budget, streaming, who waits'),
      page('backup.md', 'Backup', 'going back to a moment, and making the bucket agree'),
      page('doctor.md', 'tintype doctor', 'what is wrong with a configuration'),
      page('audit.md', 'tintype audit', 'the bucket and the database, side by side'),
      page('debug.md', 'What is under way', 'one page for operators'),
      page('isolation.md', 'Isolation', 'what the processes that read hostile files can’t do'),
    ],
  },
  {
    title: 'Reference',
    pages: [
      page('reference.md', 'Library and client', 'every option, method and event'),
      page('configuration.md', 'Configuration', 'every variable of the ready server, and every option'),
      page('http.md', 'HTTP', 'every route: parameters, bodies, answers, error codes'),
      page('openapi.md', 'OpenAPI', 'the same for programs, and clients made from it'),
      page('errors.md', 'Errors', 'every code, its status, and what to do'),
      page('logs.md', 'Logs', 'silent unless you name a logger'),
      page('metrics.md', 'Metrics', 'for Prometheus'),
      page('traces.md', 'Traces', 'spans of OpenTelemetry, and the channels that they are made of'),
      page('commands.md', 'Commands', 'every command of `tintype` and its options'),
    ],
  },
  {
    title: 'Choose it, or come to it',
    pages: [
      page(
        'comparison.md',
        'Comparison',
        'what each of the usual choices does, and where Tintype is the wrong one',
      ),
      page('from/multer-s3.md', 'From multer-s3', 'the same route, and objects that were there before'),
      page('from/uploadthing.md', 'From UploadThing', 'file routes, callbacks, the client'),
      page('from/uppy-companion.md', 'From Uppy and Companion', 'keep the dashboard, or don’t'),
      page('from/better-upload.md', 'From better-upload', 'routes, the hook, what happens after the upload'),
      page('from/active-storage.md', 'From Active Storage', 'attachments, variants, purging'),
    ],
  },
  {
    title: 'Judge it',
    pages: [
      page('reliability.md', 'Reliability', 'how the guarantee is tested, and where it ends'),
      page(
        'orphans.md',
        'What is left behind',
        'upload backends killed hundreds of times, this one among them',
      ),
      page(
        'test-your-own.md',
        'Test your own',
        'a kit that kills any upload backend and counts what is lost',
      ),
      page('obstacles.md', 'Obstacles', 'what stood in the way of newcomers, and what became of it'),
      page('performance.md', 'Performance', 'beside the libraries that one would take instead'),
      page('performance-direct.md', 'Direct uploads, measured', '1 GB from a browser over a slow line'),
      page('performance-gallery.md', 'The gallery, measured', 'what it holds with 100,000 photos'),
    ],
  },
]

/** Pages that belong to one above, and stand below it in the menu. */
export const below: Record<string, Page[]> = {
  'providers/README.md': [
    page('providers/r2.md', 'Cloudflare R2', ''),
    page('providers/minio.md', 'MinIO', ''),
    page('providers/garage.md', 'Garage', ''),
    page('providers/ceph.md', 'Ceph', ''),
    page('providers/backblaze.md', 'Backblaze B2', ''),
  ],
}
