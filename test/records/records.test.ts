import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Media, MediaPage } from '@tintype/protocol'
import { photo } from '../media/photos.ts'
import { databases } from '../support/app-database.ts'
import { headerOf } from '../support/door.ts'
import { mediaOf, problemOf, upload } from '../support/server.ts'
import { type StorageApp, startStorageApp } from '../support/storage-app.ts'

for (const { name, create, connect, skip } of databases) {
  describe(`what a record carries, on ${name}`, { skip }, () => {
    let app: StorageApp
    let jpeg: Buffer
    let drop = async () => {}
    const friends = new Set<string>()
    const failing = new Set<string>()
    const asleep = Promise.withResolvers<void>()
    before(async () => {
      const made = await create()
      drop = made.drop
      app = await startStorageApp({
        database: made.url,
        hooks: {
          removed({ id }) {
            if (failing.has(id)) throw new Error('secret of the hook')
          },
        },
        patchable: ['caption', 'alt', 'data'],
        canView: async ({ media, owner }) => {
          if (owner === 'mallory') throw new Error('secret of the app')
          if (owner === 'sleepy') {
            asleep.resolve()
            await new Promise(() => {})
          }
          if (owner === 'truthy') return 'yes' as never
          return friends.has(`${owner}>${media.owner}`)
        },
        authenticate: (request) => {
          const user = headerOf(request, 'x-user') ?? 'ann'
          return user === 'nobody' ? null : user
        },
      })
      jpeg = await photo()
    })
    after(async () => {
      await app.stop()
      await drop()
    })

    const add = async (user: string) =>
      mediaOf(await upload(app.url, { bytes: jpeg }, { headers: { 'X-User': user } }))
    const api = (path: string, init: RequestInit = {}, user = 'ann') =>
      fetch(`${app.url}/api${path}`, {
        redirect: 'manual',
        ...init,
        headers: { 'X-User': user, 'Content-Type': 'application/json', ...init.headers },
      })
    const patch = (id: string, body: unknown, headers: Record<string, string> = {}) =>
      api(`/media/${id}`, { method: 'PATCH', body: JSON.stringify(body), headers })

    test('caption, alt and data are changed one by one or together; null removes', async () => {
      const { id, revision } = await add('ann')
      assert.equal(revision, 1)
      const both = (await (await patch(id, { alt: 'A beach', data: { stars: 5 } })).json()) as Media
      assert.deepEqual([both.alt, both.data, both.caption, both.revision], ['A beach', { stars: 5 }, null, 2])
      const caption = (await (await patch(id, { caption: 'Sea' })).json()) as Media
      assert.deepEqual([caption.alt, caption.data, caption.caption], ['A beach', { stars: 5 }, 'Sea'])
      const none = (await (await patch(id, { alt: null, data: null })).json()) as Media
      assert.deepEqual([none.alt, none.data, none.caption], [null, null, 'Sea'])
    })

    test('data that is too large, and members that there are not, are 400', async () => {
      const { id } = await add('ann')
      const large = await problemOf(await patch(id, { data: 'ä'.repeat(4096) }))
      assert.deepEqual([large.status, large.code, large.limit], [400, 'invalid_parameter', 8192])
      assert.equal((await patch(id, { data: 'a'.repeat(8190) })).status, 200)
      for (const body of [{}, { name: 'x' }, { alt: 5 }, { alt: 'a\0' }])
        assert.equal((await patch(id, body)).status, 400, JSON.stringify(body))
      const circle: Record<string, unknown> = {}
      circle.self = circle
      await assert.rejects(app.tintype.media.update(id, { data: circle }), { code: 'invalid_parameter' })
      await assert.rejects(app.tintype.media.update(id, { data: () => 1 }), { code: 'invalid_parameter' })
    })

    test('of many changes to one revision one wins; the others are told what is there', async () => {
      const { id } = await add('ann')
      const shown = await api(`/media/${id}`)
      const etag = shown.headers.get('etag') as string
      const tries = Array.from({ length: 8 }, (_, i) => patch(id, { caption: `c${i}` }, { 'If-Match': etag }))
      const answers = await Promise.all(tries)
      assert.equal(answers.filter(({ status }) => status === 200).length, 1)
      const lost = answers.filter(({ status }) => status === 412)
      assert.equal(lost.length, 7)
      const problem = await problemOf(lost[0] as Response)
      const now = (await (await api(`/media/${id}`)).json()) as Media
      assert.deepEqual([problem.code, problem.current?.caption], ['precondition_failed', now.caption])
      assert.equal(problem.current?.revision, 2)
    })

    test('If-Match names revisions, in any of the forms that they are sent in', async () => {
      const { id } = await add('ann')
      const status = async (tag: string) => (await patch(id, { caption: tag }, { 'If-Match': tag })).status
      assert.equal(await status('"1"'), 200)
      assert.equal(await status('"1"'), 412)
      assert.equal(await status('"9", W/"2-whatever"'), 200)
      assert.equal(await status('*'), 200)
      assert.equal(await status('nonsense'), 412)
      assert.equal(await status('"4x"'), 412)
      const tag = (await api(`/media/${id}`)).headers.get('etag') as string
      assert.equal(
        (await api(`/media/${id}`, { headers: { 'If-None-Match': tag, 'Cache-Control': 'max-age=0' } }))
          .status,
        304,
      )
      assert.equal((await patch('A'.repeat(22), { caption: 'x' }, { 'If-Match': '"1"' })).status, 404)
    })

    test('PUT obeys If-Match, raises the revision and keeps what was said of the media', async () => {
      const { id } = await add('ann')
      await patch(id, { alt: 'Kept', data: [1] })
      const put = (tag: string) =>
        upload(
          app.url,
          { bytes: jpeg },
          { path: `/api/media/${id}`, method: 'PUT', headers: { 'If-Match': tag } },
        )
      const stale = await problemOf(await put('"1"'))
      assert.deepEqual([stale.status, stale.current?.alt], [412, 'Kept'])
      const replaced = (await (await put('"2"')).json()) as Media
      assert.deepEqual([replaced.alt, replaced.data, replaced.revision], ['Kept', [1], 3])
    })

    test('DELETE obeys If-Match, and tells what is there now', async () => {
      const { id } = await add('ann')
      await patch(id, { alt: 'Newer' })
      const del = (tag: string) => api(`/media/${id}`, { method: 'DELETE', headers: { 'If-Match': tag } })
      for (const tag of ['"1"', 'nonsense']) {
        const { status, code, current } = await problemOf(await del(tag))
        assert.deepEqual(
          [status, code, current?.alt, current?.revision],
          [412, 'precondition_failed', 'Newer', 2],
        )
      }
      await assert.rejects(app.tintype.media.remove(id, { owner: 'ann', revision: 1 }), {
        code: 'precondition_failed',
      })
      const etag = (await api(`/media/${id}`)).headers.get('etag') as string
      const statuses = (await Promise.all([del(etag), patch(id, { alt: 'x' }, { 'If-Match': etag })])).map(
        ({ status }) => status,
      )
      assert.equal(statuses.filter((status) => status < 300).length, 1, String(statuses))
      assert.equal((await del('*')).status, statuses[0] === 204 ? 404 : 204)
      assert.equal((await del('"1"')).status, 404)
    })

    test('of two replacements of one revision one wins, and nothing of the other stays', async () => {
      const { id } = await add('ann')
      const put = () =>
        upload(
          app.url,
          { bytes: jpeg },
          { path: `/api/media/${id}`, method: 'PUT', headers: { 'If-Match': '"1"' } },
        )
      const statuses = (await Promise.all([put(), put(), put()])).map(({ status }) => status)
      assert.deepEqual(statuses.sort(), [200, 412, 412])
    })

    test('lists are filtered, ordered and paged; what is counted is what is listed', async () => {
      const made = [await add('lister'), await add('lister'), await add('lister'), await add('lister')]
      await app.tintype.media.claim((made[1] as Media).id, { by: 'post:7' })
      const { media } = app.tintype
      const ids = async (query: object) =>
        (await media.list({ owner: 'lister', ...query })).media.map(({ id }) => id)
      const all = await ids({})
      assert.deepEqual(await ids({ order: 'oldest' }), all.toReversed())
      assert.deepEqual(await ids({ claimedBy: 'post:7' }), [made[1]?.id])
      assert.deepEqual(await ids({ kind: 'video' }), [])
      assert.equal((await ids({ kind: 'image' })).length, 4)
      assert.deepEqual(
        new Set(await ids({ ids: [made[0]?.id, made[2]?.id, 'nonsense'] })),
        new Set([made[0]?.id, made[2]?.id]),
      )
      assert.deepEqual(await ids({ ids: [] }), [])
      const { sentSha256 } = made[3] as Media
      assert.ok((await ids({ sha256: ['0'.repeat(64), sentSha256] })).includes(made[3]?.id as string))
      assert.deepEqual(await ids({ sha256: ['0'.repeat(64)] }), [])
      await assert.rejects(media.list({ sha256: ['A'.repeat(64)] }), {
        code: 'invalid_parameter',
        limit: 100,
      })
      const { createdAt } = (await media.get(all[1] as string)) as Media
      assert.ok(!(await ids({ before: createdAt })).includes(all[1] as string))
      assert.ok(!(await ids({ after: new Date(createdAt) })).includes(all[1] as string))
      for (const order of ['newest', 'oldest'] as const) {
        const paged: string[] = []
        let cursor: string | undefined
        do {
          const page: MediaPage = await media.list({
            owner: 'lister',
            order,
            limit: 1,
            ...(cursor && { cursor }),
          })
          paged.push(...page.media.map(({ id }) => id))
          cursor = page.next ?? undefined
        } while (cursor !== undefined)
        assert.deepEqual(paged, order === 'newest' ? all : all.toReversed())
      }
      assert.equal(await media.count({ owner: 'lister' }), 4)
      assert.equal(await media.count({ claimedBy: 'post:7' }), 1)
      assert.equal(await media.count({ owner: 'lister', ids: [] }), 0)
      assert.ok((await media.list()).media.length >= 4, 'without an owner: of everybody')
      for (const query of [
        { kind: 'song' },
        { order: 'up' },
        { before: 'yesterday' },
        { ids: 'x' },
        { limit: 0 },
      ])
        await assert.rejects(media.list(query as object), { code: 'invalid_parameter' })
      const http = (await (
        await api('/media?order=oldest&kind=image&limit=2', {}, 'lister')
      ).json()) as MediaPage
      assert.deepEqual(
        http.media.map(({ id }) => id),
        all.toReversed().slice(0, 2),
      )
      assert.equal((await api('/media?kind=song')).status, 400)
    })

    test('many are deleted by one request, each with an answer of its own', async () => {
      const [mine, alien] = [await add('deleter'), await add('bob')]
      const ask = (body: unknown) =>
        api('/media/delete', { method: 'POST', body: JSON.stringify(body) }, 'deleter')
      const sent = [mine.id, alien.id, 'nonsense', mine.id]
      const { results } = (await (await ask({ ids: sent })).json()) as { results: Record<string, unknown>[] }
      assert.deepEqual(
        results.map(({ id }) => id),
        sent,
      )
      assert.deepEqual(
        results.map(({ status }) => status),
        [204, 404, 404, 204],
      )
      assert.equal(results[1]?.code, 'not_found')
      assert.equal((await api(`/media/${alien.id}`, {}, 'bob')).status, 200)
      const many = await problemOf(await ask({ ids: Array(101).fill('x') }))
      assert.deepEqual([many.status, many.limit], [400, 100])
      assert.equal((await ask({})).status, 400)
      assert.equal((await api('/media/delete')).status, 405)
    })

    test('one that fails for an unexpected reason is 500 alone, and the log has why', async () => {
      const [one, two] = [await add('deleter'), await add('deleter')]
      failing.add(one.id)
      const response = await api(
        '/media/delete',
        { method: 'POST', body: JSON.stringify({ ids: [one.id, two.id] }) },
        'deleter',
      )
      const { results } = (await response.json()) as { results: Record<string, unknown>[] }
      assert.deepEqual(
        results.map(({ id, status }) => [id, status]),
        [
          [one.id, 500],
          [two.id, 204],
        ],
      )
      assert.doesNotMatch(JSON.stringify(results), /secret/)
      assert.match(app.log.join('\n'), new RegExp(`media.remove_failed.*${one.id}.*secret of the hook`))
      assert.equal((await api(`/media/${one.id}`, {}, 'deleter')).status, 200)
    })

    test('canView that never answers is 503 after the time of a hook', async () => {
      const { id } = await add('ann')
      const answer = api(`/media/${id}`, {}, 'sleepy')
      await asleep.promise
      app.clock.advance(30_000)
      assert.deepEqual([(await answer).status, (await problemOf(await answer)).code], [503, 'hook_timeout'])
    })

    test('an account is closed: its media and its sessions go, and nobody else’s', async () => {
      await Promise.all([add('leaver'), add('leaver'), add('leaver')])
      const stays = await add('bob')
      const { length } = await app.keys()
      const begun = await api(
        '/uploads',
        { method: 'POST', body: JSON.stringify({ name: 'a.jpg', size: jpeg.length, type: 'image/jpeg' }) },
        'leaver',
      )
      assert.equal(begun.status, 201)
      const { id } = (await begun.json()) as { id: string }
      const outcome = await app.tintype.media.removeAll({ owner: 'leaver' })
      assert.deepEqual(outcome, { removed: 3, cancelled: 1, kept: 0 })
      assert.equal(await app.tintype.media.count({ owner: 'leaver' }), 0)
      assert.equal((await api(`/uploads/${id}`, {}, 'leaver')).status, 404)
      assert.equal((await api(`/media/${stays.id}`, {}, 'bob')).status, 200)
      assert.deepEqual(await app.tintype.media.removeAll({ owner: 'leaver' }), {
        removed: 0,
        cancelled: 0,
        kept: 0,
      })
      assert.ok((await app.keys()).length <= length)
    })

    test('what a row of the app refers to is kept by it, and counted, until the row has gone', async (t) => {
      const [used, free] = [await add('author'), await add('author')]
      const rows = await connect(app.database)
      t.after(() => rows.close())
      await rows.run('create table albums (photo varchar(50) not null references tintype_media (id))')
      await rows.run(`insert into albums values ('${used.id}')`)
      const removeAll = () => app.tintype.media.removeAll({ owner: 'author' })
      assert.deepEqual(await removeAll(), { removed: 1, cancelled: 0, kept: 1 })
      assert.equal(await app.tintype.media.get(free.id), undefined)
      assert.equal((await api(`/media/${used.id}/original`, {}, 'author')).status, 302)
      await rows.run('delete from albums')
      assert.deepEqual(await removeAll(), { removed: 1, cancelled: 0, kept: 0 })
    })

    test('canView shows one photo to another, and no more than shows it', async () => {
      const { id } = await add('ann')
      const absent = 'A'.repeat(22)
      const status = async (path: string, user: string, init?: RequestInit) =>
        (await api(path, init, user)).status
      for (const [user, expected] of [
        ['bob', 404],
        ['truthy', 404],
        ['nobody', 404],
        ['mallory', 500],
      ] as const) {
        assert.equal(await status(`/media/${id}`, user), expected, user)
        assert.equal(await status(`/media/${id}/original`, user), expected, user)
        assert.equal(await status(`/media/${absent}`, user), 404, user)
      }
      assert.doesNotMatch(await (await api(`/media/${id}`, {}, 'mallory')).text(), /secret/)
      friends.add('bob>ann').add('null>ann')
      for (const user of ['bob', 'nobody']) {
        assert.equal(((await (await api(`/media/${id}`, {}, user)).json()) as Media).id, id)
        assert.equal(await status(`/media/${id}/thumb`, user), 302)
        assert.equal(await status(`/media/${id}/nonsense`, user), 404)
      }
      assert.equal(await status(`/media/${id}`, 'bob', { method: 'PATCH', body: '{"alt":"x"}' }), 404)
      assert.equal(await status(`/media/${id}`, 'bob', { method: 'DELETE' }), 404)
      assert.equal(await status('/media', 'nobody'), 401)
      const { media } = (await (await api('/media', {}, 'bob')).json()) as MediaPage
      assert.ok(!media.some((one) => one.id === id))
    })
  })
}
