import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { findKubectls } from '../support/kubectls.ts'
import { sharedLibraryCluster } from '../support/library.ts'
import { eventually } from '../support/real-cluster.ts'

const until = (what: string, passes: () => boolean) => eventually(what, 5000, async () => passes(), Boolean)
const [kubectlHere] = findKubectls().slice(-1)

/** What stands in the audit log: by whom, how much, and never more than the policy wants. */

const directory = mkdtempSync(join(tmpdir(), 'proa-audit-'))
after(() => rmSync(directory, { recursive: true }))

const policy = `
apiVersion: audit.k8s.io/v1
kind: Policy
rules:
- {level: None, nonResourceURLs: ["/healthz*", "/openapi*"]}
- {level: Metadata, resources: [{resources: [secrets]}], omitStages: [RequestReceived]}
- {level: RequestResponse, omitManagedFields: true, omitStages: [RequestReceived], resources: [{resources: [configmaps]}], namespaces: [default]}
- {level: Request, resources: [{resources: [pods, serviceaccounts/token]}]}
- {level: Metadata}
`

// biome-ignore lint/suspicious/noExplicitAny: events are looked into as any client would.
type Event = any

describe('audit log', async () => {
  const policyFile = join(directory, 'policy.yaml')
  const log = join(directory, 'audit.log')
  writeFileSync(policyFile, policy)
  const received: Event[] = []
  const hook = createServer((request, response) => {
    let text = ''
    request.on('data', chunk => (text += chunk))
    request.on('end', () => {
      received.push(...JSON.parse(text).items)
      response.end()
    })
  })
  await new Promise<void>(resolve => hook.listen(0, '127.0.0.1', resolve))
  const webhook = join(directory, 'webhook.yaml')
  writeFileSync(
    webhook,
    `clusters: [{name: a, cluster: {server: "http://127.0.0.1:${(hook.address() as AddressInfo).port}/audit"}}]
contexts: [{name: a, context: {cluster: a, user: a}}]
users: [{name: a, user: {}}]
current-context: a`,
  )
  const { send, kubectl } = await sharedLibraryCluster({
    nodes: 1,
    apiServer: {
      auditPolicyFile: policyFile,
      auditLogPath: log,
      auditWebhookConfigFile: webhook,
      auditWebhookBatchMaxSize: 20,
      auditWebhookBatchMaxWait: 1,
    },
  })
  after(() => hook.close())
  const eventsOf = async (auditId: unknown, count = 1): Promise<Event[]> => {
    const read = () =>
      readFileSync(log, 'utf8')
        .split('\n')
        .filter(line => line.includes(String(auditId)))
        .map(line => JSON.parse(line))
    await until('the event is written', () => read().length >= count)
    return read()
  }

  it('holds who did what, with the decision, and the bodies that the policy wants', async () => {
    const body = { metadata: { name: 'one' }, data: { a: 'b' } }
    const answer = await send('POST', '/api/v1/namespaces/default/configmaps?fieldManager=me', {
      body,
      headers: { 'user-agent': 'tester/1' },
    })
    const [event] = await eventsOf(answer.headers['audit-id'])
    assert.deepEqual(
      { ...event, requestReceivedTimestamp: '', stageTimestamp: '', responseObject: {} },
      {
        kind: 'Event',
        apiVersion: 'audit.k8s.io/v1',
        level: 'RequestResponse',
        auditID: answer.headers['audit-id'],
        stage: 'ResponseComplete',
        requestURI: '/api/v1/namespaces/default/configmaps?fieldManager=me',
        verb: 'create',
        user: { username: 'admin', groups: ['system:masters', 'system:authenticated'] },
        sourceIPs: ['127.0.0.1'],
        userAgent: 'tester/1',
        objectRef: { resource: 'configmaps', namespace: 'default', name: 'one', apiVersion: 'v1' },
        responseStatus: { metadata: {}, code: 201 },
        requestObject: body,
        responseObject: {},
        requestReceivedTimestamp: '',
        stageTimestamp: '',
        annotations: { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': '' },
      },
    )
    assert.match(event.requestReceivedTimestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
    assert.equal(event.responseObject.metadata.uid, answer.json.metadata.uid)
    assert.equal(event.responseObject.kind, 'ConfigMap')
    assert.equal(event.responseObject.metadata.managedFields, undefined)
    const list = await send('GET', '/api/v1/namespaces/default/configmaps')
    const [listed] = await eventsOf(list.headers['audit-id'])
    assert.ok(listed.responseObject.items.some((item: Event) => item.metadata.name === 'one'))
  })

  it('never holds more of a secret than the policy wants', async () => {
    const secret = { metadata: { name: 'hidden' }, stringData: { password: 'correct-horse' } }
    const answer = await send('POST', '/api/v1/namespaces/default/secrets', { body: secret })
    const [event] = await eventsOf(answer.headers['audit-id'])
    assert.equal(event.level, 'Metadata')
    assert.equal(event.objectRef.name, 'hidden')
    await send('PATCH', '/api/v1/namespaces/default/secrets/hidden', {
      body: { stringData: { password: 'battery-staple' } },
      headers: { 'content-type': 'application/merge-patch+json' },
    })
    await send('GET', '/api/v1/namespaces/default/secrets')
    const last = await send('GET', '/api/v1/namespaces/default/secrets/hidden')
    await eventsOf(last.headers['audit-id'])
    const text = readFileSync(log, 'utf8')
    for (const part of ['correct-horse', 'battery-staple', Buffer.from('correct-horse').toString('base64')])
      assert.ok(!text.includes(part), part)
  })

  it('holds refusals, impersonation, unknown credentials without the credentials, and deletions', async () => {
    const refused = await send('GET', '/api/v1/namespaces/default/pods/x', {
      headers: { 'impersonate-user': 'jane', 'impersonate-group': 'dev' },
    })
    assert.equal(refused.status, 403)
    const [received_, complete] = await eventsOf(refused.headers['audit-id'], 2)
    assert.equal(received_.stage, 'RequestReceived')
    assert.deepEqual(complete.impersonatedUser, { username: 'jane', groups: ['dev', 'system:authenticated'] })
    assert.equal(complete.annotations['authorization.k8s.io/decision'], 'forbid')
    assert.equal(complete.responseStatus.code, 403)
    assert.equal(complete.responseStatus.reason, 'Forbidden')
    assert.match(complete.responseStatus.message, /User "jane" cannot get resource "pods"/)

    const unknown = await send('GET', '/api/v1/pods', { token: 'nobody-knows-this' })
    assert.equal(unknown.status, 401)
    await until('the refusal is written', () => readFileSync(log, 'utf8').includes('attempted: bearer'))
    assert.ok(!readFileSync(log, 'utf8').includes('nobody-knows-this'))

    await send('POST', '/api/v1/namespaces/default/pods', {
      body: { metadata: { name: 'p' }, spec: { containers: [{ name: 'a', image: 'a' }] } },
    })
    const deleted = await send('DELETE', '/api/v1/namespaces/default/pods/p', { body: { gracePeriodSeconds: 0 } })
    const [, gone] = await eventsOf(deleted.headers['audit-id'], 2)
    assert.equal(gone.requestObject.gracePeriodSeconds, 0)
    assert.equal(gone.requestObject.kind, 'DeleteOptions')
  })

  it('tells what lasts when it starts and when it ends, and what controllers do', async () => {
    const watch = await send('GET', '/api/v1/namespaces/default/secrets?watch=true&timeoutSeconds=1')
    const events = await eventsOf(watch.headers['audit-id'], 2)
    assert.deepEqual(
      events.map(event => [event.stage, event.verb, event.responseStatus.code]),
      [
        ['ResponseStarted', 'watch', 200],
        ['ResponseComplete', 'watch', 200],
      ],
    )
    const text = readFileSync(log, 'utf8')
    const byController = text
      .split('\n')
      .find(line => line.includes('system:serviceaccount:kube-system:service-account-controller') && line.includes('"create"'))
    assert.equal(JSON.parse(byController ?? '{}').objectRef.resource, 'serviceaccounts')
  })

  it('stays one event a line whatever a client puts into names and headers', async () => {
    const path = '/api/v1/namespaces/default/pods/x%0A%7B%22kind%22%3A%22Event%22%7D?a=%0d%0a'
    const answer = await send('GET', path, { headers: { 'user-agent': '"}\t{"kind":"Forged"', 'x-forwarded-for': '1.2.3.4, evil, ::1' } })
    const [, event] = await eventsOf(answer.headers['audit-id'], 2)
    assert.equal(event.objectRef.name, 'x\n{"kind":"Event"}')
    assert.deepEqual(event.sourceIPs, ['1.2.3.4', '::1', '127.0.0.1'])
    for (const line of readFileSync(log, 'utf8').trimEnd().split('\n')) assert.equal(JSON.parse(line).kind, 'Event')
  })

  it('reaches a webhook in batches, and protobuf bodies are readable', { skip: !kubectlHere && 'no kubectl here' }, async () => {
    const outcome = await kubectl(kubectlHere?.path ?? '', ['create', 'configmap', 'by-kubectl', '--from-literal=k=v'])
    assert.equal(outcome.status, 0, outcome.stderr)
    await kubectl(kubectlHere?.path ?? '', ['get', 'pods', '-A'])
    await until('the webhook has it', () =>
      received.some(event => event.objectRef?.name === 'by-kubectl' && event.requestObject?.data?.k === 'v'),
    )
  })
})
