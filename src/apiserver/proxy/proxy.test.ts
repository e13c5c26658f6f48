import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isAllowedAddress } from './allowed-address.ts'
import { forwardedHeaders, forwardedUpgradeHeaders, withForwardedFor } from './headers.ts'
import { createLinkRewriter, rewriteTags } from './html-links.ts'
import { rewriteLink } from './link.ts'
import { parseTargetName } from './target-name.ts'

describe('the name of a target', () => {
  const cases: readonly [string, ReturnType<typeof parseTargetName>][] = [
    ['web', { scheme: '', name: 'web', port: '' }],
    ['web:80', { scheme: '', name: 'web', port: '80' }],
    ['web:http', { scheme: '', name: 'web', port: 'http' }],
    ['https:web:', { scheme: 'https', name: 'web', port: '' }],
    ['http:web:8080', { scheme: 'http', name: 'web', port: '8080' }],
    ['ftp:web:21', undefined],
    [':80', undefined],
    ['', undefined],
    ['a:b:c:d', undefined],
  ]
  for (const [text, wanted] of cases) it(JSON.stringify(text), () => assert.deepEqual(parseTargetName(text), wanted))
})

describe('an address that clients may send the server to', () => {
  const cases: readonly [string, boolean][] = [
    ['10.42.0.5', true],
    ['fd00::5', true],
    ['127.0.0.1', false],
    ['127.9.9.9', false],
    ['::1', false],
    ['::ffff:127.0.0.1', false],
    ['::ffff:10.42.0.5', true],
    ['169.254.169.254', false],
    ['fe80::1', false],
    ['224.0.0.1', false],
    ['239.1.1.1', false],
    ['ff02::1', false],
    ['0.0.0.0', false],
    ['255.255.255.255', false],
    ['::', false],
    ['localhost', false],
    ['', false],
  ]
  for (const [address, wanted] of cases) it(JSON.stringify(address), () => assert.equal(isAllowedAddress(address), wanted))
})

describe('a page that is written to be read for ever', () => {
  const rewrite = (link: string) => `/prefix${link}`
  for (const [what, text] of [
    ['tags without end', '<a'.repeat(500_000)],
    ['tags and quotes without end', '<a b="'.repeat(200_000)],
    ['a comment without end', '<!--'.repeat(300_000)],
  ] as const)
    it(`passes as it is: ${what}`, () => assert.deepEqual(rewriteTags(text, rewrite), { text, rest: '' }))
})

describe('headers that go on', () => {
  it('are not those of the connection, of credentials or of whom the client says it is', () => {
    const headers = {
      ':method': 'GET',
      ':authority': 'api:6443',
      accept: 'text/html',
      authorization: 'Bearer secret',
      x_remote_user: 'system:admin',
      connection: 'keep-alive, X-Private',
      'x-private': 'yes',
      'keep-alive': 'timeout=5',
      te: 'trailers',
      upgrade: 'h2c',
      'http2-settings': 'AAA',
      'proxy-authorization': 'Basic x',
      'transfer-encoding': 'chunked',
      'x-remote-user': 'admin',
      'x-remote-group': ['system:masters'],
      'x-remote-extra-scopes': 'all',
      'impersonate-user': 'admin',
      cookie: 'a=b',
    }
    assert.deepEqual(forwardedHeaders(headers), { accept: 'text/html', cookie: 'a=b', host: 'api:6443' })
  })
  it('say what a connection is to become, without the token that browsers put there', () => {
    const headers = {
      host: 'api',
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-key': 'k',
      'sec-websocket-protocol': 'base64url.bearer.authorization.k8s.io.c2VjcmV0, chat',
    }
    const wanted = { host: 'api', connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-key': 'k', 'sec-websocket-protocol': 'chat' }
    assert.deepEqual(forwardedUpgradeHeaders(headers), wanted)
  })
  it('say where the request comes from', () => {
    assert.deepEqual(withForwardedFor({ 'x-forwarded-for': '1.2.3.4' }, '5.6.7.8'), { 'x-forwarded-for': '1.2.3.4, 5.6.7.8' })
  })
})

const prefix = '/api/v1/namespaces/shop/pods/web/proxy'

describe('a link of what is proxied', () => {
  const cases: readonly [string, string][] = [
    ['/a/b?c=d#e', `${prefix}/a/b?c=d#e`],
    ['/', `${prefix}/`],
    ['a/b', 'a/b'],
    ['#top', '#top'],
    ['', ''],
    [`${prefix}/a`, `${prefix}/a`],
    [`${prefix}-other`, `${prefix}${prefix}-other`],
    ['https://elsewhere/a', 'https://elsewhere/a'],
    ['//elsewhere/a', '//elsewhere/a'],
    ['http://api:6443/a', `${prefix}/a`],
    ['mailto:ann@example.com', 'mailto:ann@example.com'],
    ['javascript:/x/', 'javascript:/x/'],
  ]
  for (const [link, wanted] of cases)
    it(JSON.stringify(link), () => assert.equal(rewriteLink(link, { prefix, hosts: ['api:6443'] }), wanted))
})

describe('links in a page', () => {
  const shown = (text: string) => rewriteTags(text, link => rewriteLink(link, { prefix: '/p', hosts: [] }))
  const cases: readonly [string, string, string?][] = [
    ['<a href="/rewriteme">test</a>', '<a href="/p/rewriteme">test</a>'],
    ["<A class=x HREF = '/a'>", "<A class=x HREF = '/p/a'>"],
    ['<img src=/a.png alt=/b>', '<img src="/p/a.png" alt=/b>'],
    ['<form action="/f" method=post><input src="/i" value="/v">', '<form action="/p/f" method=post><input src="/p/i" value="/v">'],
    ['<p title="/a">/b < /c</p>', '<p title="/a">/b < /c</p>'],
    ['<!-- <a href="/a"> --><a href="/b">', '<!-- <a href="/a"> --><a href="/p/b">'],
    ['<a title="a>b" href="/c">', '<a title="a>b" href="/p/c">'],
    ['<a href="https://x/y">', '<a href="https://x/y">'],
    ['<constructor href="/a">', '<constructor href="/a">'],
    ['text <a href="/a', 'text ', '<a href="/a'],
  ]
  for (const [page, text, rest = ''] of cases) it(page, () => assert.deepEqual(shown(page), { text, rest }))

  it('are found wherever the page is cut', async () => {
    const page = 'grüße <a href="/a">x</a><!-- - --><img src="/b">'
    for (let cut = 1; cut < page.length; cut++) {
      const rewriter = createLinkRewriter(link => `/p${link}`)
      rewriter.write(page.slice(0, cut))
      rewriter.end(page.slice(cut))
      const parts: Buffer[] = []
      for await (const part of rewriter) parts.push(part as Buffer)
      assert.equal(Buffer.concat(parts).toString(), 'grüße <a href="/p/a">x</a><!-- - --><img src="/p/b">')
    }
  })
})
