import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Secret } from '../../apis/core/secret.ts'
import { credentialsFor } from './credentials.ts'
import { formatDuration } from './image-pulls.ts'
import { isImageReference } from './reference.ts'

const digest = `sha256:${'a'.repeat(64)}`
for (const [image, valid] of [
  ['nginx', true],
  ['nginx:1.22', true],
  ['library/nginx:1.22-alpine_x', true],
  ['localhost:5000/a/b:tag', true],
  ['Registry.Example.com/a', true],
  ['[::1]:5000/a', true],
  [`nginx@${digest}`, true],
  [`nginx:1@${digest}`, true],
  ['', false],
  ['NGINX', false],
  ['nginx:', false],
  ['nginx:a b', false],
  ['a//b', false],
  ['nginx@sha256:short', false],
  ['-bad', false],
  ['http://nginx', false],
] as const) {
  test(`${JSON.stringify(image)} ${valid ? 'names' : 'does not name'} an image`, () => assert.equal(isImageReference(image), valid))
}

const secret = (auths: Record<string, object>): Secret => ({
  metadata: { name: 's', namespace: 'n' },
  type: 'kubernetes.io/dockerconfigjson',
  data: { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') },
})
const auth = (user: string) => ({ auth: Buffer.from(`${user}:pass:word`).toString('base64') })
for (const [key, image, matches] of [
  ['registry.example:5000', 'registry.example:5000/a/b:1', true],
  ['https://registry.example:5000/v2/', 'registry.example:5000/a', true],
  ['registry.example', 'registry.example:5000/a', false],
  ['registry.example/team', 'registry.example/team/app', true],
  ['registry.example/team', 'registry.example/teams/app', false],
  ['registry.example/team/app', 'registry.example/team/app:1', true],
  ['registry.example/team/app', 'registry.example/team/app', true],
  ['registry.example/team/app', 'registry.example/team/application', false],
  ['*.example', 'registry.example/a', true],
  ['*.example', 'a.b.example/a', false],
  ['https://index.docker.io/v1/', 'nginx:1.22', true],
  ['https://index.docker.io/v1/', 'registry.example/nginx', false],
] as const) {
  test(`credentials for ${key} ${matches ? 'serve' : 'do not serve'} ${image}`, () => {
    const found = credentialsFor(image, [secret({ [key]: auth('me') })])
    assert.deepEqual(
      found.map(({ username, password }) => [username, password]),
      matches ? [['me', 'pass:word']] : [],
    )
  })
}

test('the closest credentials come first', () => {
  const found = credentialsFor('r.example/team/app', [secret({ 'r.example': auth('all'), 'r.example/team': auth('team') })])
  assert.deepEqual(
    found.map(({ username }) => username),
    ['team', 'all'],
  )
})

test('credentials name no server: the runtime would take them for those of another one', () => {
  const [found] = credentialsFor('r.example:5000/app', [secret({ 'r.example:5000': auth('me') })])
  assert.equal(found?.serverAddress, undefined)
})

test('durations as Go writes them', () => {
  assert.deepEqual([5, 999.6, 1234, 61_500].map(formatDuration), ['5ms', '1s', '1.234s', '1m1.5s'])
})
