import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request as httpsRequest } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { findKubectls } from '../support/kubectls.ts'
import { sharedLibraryCluster } from '../support/library.ts'
import { eventually } from '../support/real-cluster.ts'

/** Certificates by request: asked for, approved or denied, signed, and good for signing in. */

const directory = mkdtempSync(join(tmpdir(), 'proa-csr-'))
after(() => rmSync(directory, { recursive: true }))
const path = '/apis/certificates.k8s.io/v1/certificatesigningrequests'
const [kubectlHere] = findKubectls().slice(-1)

/** A request in base64, and where its key is. */
function makeRequest(name: string, subject: string, extension?: string): { readonly request: string; readonly key: string } {
  const key = join(directory, `${name}.key`)
  const words = ['req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key, '-subj', subject]
  const pem = execFileSync('openssl', [...words, ...(extension ? ['-addext', extension] : [])], { stdio: ['ignore', 'pipe', 'ignore'] })
  return { request: pem.toString('base64'), key }
}

describe('certificate requests', async () => {
  const { send, kubectl, cluster } = await sharedLibraryCluster()
  const ask = async (name: string, spec: object, headers: Record<string, string> = {}) =>
    send('POST', path, { body: { metadata: { name }, spec }, headers })
  const statusOf = async (name: string) => (await send('GET', `${path}/${name}`)).json.status
  const issued = async (name: string): Promise<string> => {
    const status = await eventually(
      `${name} is issued`,
      5000,
      () => statusOf(name),
      found => found.certificate !== undefined,
    )
    return Buffer.from(status.certificate, 'base64').toString()
  }
  const decide = async (name: string, type: string, headers: Record<string, string> = {}) => {
    const object = (await send('GET', `${path}/${name}`)).json
    const conditions = [{ type, status: 'True', reason: 'Test', message: 'by the test' }]
    return send('PUT', `${path}/${name}/approval`, { body: { ...object, status: { conditions } }, headers })
  }
  const apiClient = { usages: ['client auth', 'digital signature'], signerName: 'kubernetes.io/kube-apiserver-client' }

  it('become a client certificate once kubectl approves', { skip: !kubectlHere && 'no kubectl here' }, async () => {
    const { request, key } = makeRequest('jane', '/O=dev/CN=jane')
    assert.equal((await ask('jane', { ...apiClient, request, expirationSeconds: 3600 })).status, 201)
    const approved = await kubectl(kubectlHere?.path ?? '', ['certificate', 'approve', 'jane'])
    assert.match(approved.stdout, /certificatesigningrequest.certificates.k8s.io\/jane approved/, approved.stderr)
    const cert = await issued('jane')
    const { validFrom, validTo } = new X509Certificate(cert)
    assert.equal(Date.parse(validTo) - Date.parse(validFrom), 3_600_000)
    const table = await kubectl(kubectlHere?.path ?? '', ['get', 'csr'])
    assert.match(
      table.stdout,
      /^NAME\s+AGE\s+SIGNERNAME\s+REQUESTOR\s+REQUESTEDDURATION\s+CONDITION\njane .* kubernetes.io\/kube-apiserver-client\s+admin\s+60m\s+Approved,Issued/,
    )
    const answer = await new Promise<string>((resolve, reject) => {
      const options = {
        ca: cluster.certificateAuthority,
        cert,
        key: readFileSync(key),
        method: 'POST',
        headers: { 'content-type': 'application/json' },
      }
      const review = httpsRequest(new URL('/apis/authentication.k8s.io/v1/selfsubjectreviews', cluster.server), options, response => {
        let text = ''
        response.on('data', chunk => {
          text += chunk
        })
        response.on('end', () => resolve(text))
      })
      review.on('error', reject)
      review.end('{}')
    })
    const { userInfo } = JSON.parse(answer).status
    assert.deepEqual([userInfo.username, userInfo.groups], ['jane', ['dev', 'system:authenticated']])
  })

  it('that are denied are never signed, and a decision stands', { skip: !kubectlHere && 'no kubectl here' }, async () => {
    await ask('denied', { ...apiClient, request: makeRequest('denied', '/CN=denied').request })
    assert.equal((await kubectl(kubectlHere?.path ?? '', ['certificate', 'deny', 'denied'])).status, 0)
    const again = await decide('denied', 'Approved')
    assert.equal(again.status, 422)
    assert.match(again.json.message, /may not remove a condition of type "Denied"/)
    assert.equal((await statusOf('denied')).certificate, undefined)
  })

  it('that ask for more than their signer gives fail', async () => {
    await ask('wide', { ...apiClient, usages: ['client auth', 'server auth'], request: makeRequest('wide', '/CN=wide').request })
    await decide('wide', 'Approved')
    const status = await eventually(
      'it failed',
      5000,
      () => statusOf('wide'),
      found => found.conditions.length > 1,
    )
    assert.deepEqual(
      status.conditions.map(({ type, reason }: { type: string; reason: string }) => [type, reason]),
      [
        ['Approved', 'Test'],
        ['Failed', 'SignerValidationFailure'],
      ],
    )
  })

  it('never lead to system:masters, and only those with the right approve or sign', async () => {
    const masters = await ask('masters', { ...apiClient, request: makeRequest('masters', '/O=system:masters/CN=me').request })
    assert.equal(masters.status, 403)
    assert.match(masters.json.message, /use of kubernetes.io\/kube-apiserver-client signer with system:masters group is not allowed/)
    const robot = { 'impersonate-user': 'robot' }
    const rules = [
      { apiGroups: ['certificates.k8s.io'], resources: ['certificatesigningrequests', '*/approval', '*/status'], verbs: ['*'] },
    ]
    const rbac = '/apis/rbac.authorization.k8s.io/v1'
    await send('POST', `${rbac}/clusterroles`, { body: { metadata: { name: 'csr' }, rules } })
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'csr' }
    await send('POST', `${rbac}/clusterrolebindings`, {
      body: { metadata: { name: 'csr' }, roleRef, subjects: [{ kind: 'User', name: 'robot' }] },
    })
    const asked = await eventually(
      'the grant holds',
      5000,
      () => ask('by-robot', { ...apiClient, request: makeRequest('r', '/CN=r').request }, robot),
      answer => answer.status === 201,
    )
    assert.equal(asked.json.spec.username, 'robot')
    const approving = await decide('by-robot', 'Approved', robot)
    assert.match(approving.json.message, /user not permitted to approve requests with signerName "kubernetes.io\/kube-apiserver-client"/)
    const body = { ...asked.json, status: { certificate: Buffer.from(cluster.certificateAuthority).toString('base64') } }
    const signing = await send('PUT', `${path}/by-robot/status`, { body, headers: robot })
    assert.match(signing.json.message, /user not permitted to sign requests with signerName/)
  })

  it('of kubelets are approved by themselves where RBAC says so, and say what they may be', async () => {
    const usages = ['client auth', 'digital signature']
    const spec = { signerName: 'kubernetes.io/kube-apiserver-client-kubelet', usages }
    const subject = '/O=system:nodes/CN=system:node:n9'
    await send('POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
      body: {
        metadata: { name: 'renew' },
        roleRef: {
          apiGroup: 'rbac.authorization.k8s.io',
          kind: 'ClusterRole',
          name: 'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient',
        },
        subjects: [{ kind: 'Group', name: 'system:nodes' }],
      },
    })
    const asNode = { 'impersonate-user': 'system:node:n9', 'impersonate-group': 'system:nodes' }
    assert.equal((await ask('renewal', { ...spec, request: makeRequest('n9', subject).request }, asNode)).status, 201)
    const cert = new X509Certificate(await issued('renewal'))
    assert.equal(cert.subject, 'O=system:nodes\nCN=system:node:n9')
    const { conditions } = await statusOf('renewal')
    assert.equal(conditions[0].message, 'Auto approving self kubelet client certificate after SubjectAccessReview.')
    const other = await ask('other', { ...spec, request: makeRequest('n8', '/O=system:nodes/CN=system:node:n8').request }, asNode)
    assert.equal(other.status, 403)
    assert.match(other.json.message, /can only create a node CSR with CN=system:node:n9/)

    const serving = { signerName: 'kubernetes.io/kubelet-serving', usages: ['server auth', 'digital signature'] }
    await ask('serving', { ...serving, request: makeRequest('s9', subject, 'subjectAltName=DNS:n9,IP:10.0.0.9').request }, asNode)
    assert.equal((await statusOf('serving')).conditions, undefined)
    await decide('serving', 'Approved')
    const served = new X509Certificate(await issued('serving'))
    assert.equal(served.subjectAltName, 'DNS:n9, IP Address:10.0.0.9')
    assert.ok(served.verify(new X509Certificate(cluster.certificateAuthority).publicKey))
  })
})
