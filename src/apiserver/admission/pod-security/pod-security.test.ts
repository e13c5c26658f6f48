import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Pod } from '../../../apis/core/pod.ts'
import { isSignificantUpdate } from './changes.ts'
import type { CheckedPod } from './containers.ts'
import { formatViolations, violations } from './evaluate.ts'
import { existingPodWarnings } from './existing-pods.ts'
import { formatLevel, readPolicy } from './policy.ts'

const strict = {
  allowPrivilegeEscalation: false,
  runAsNonRoot: true,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
}
const container = (securityContext: object = {}, rest: object = {}, name = 'web') => ({ name, image: 'image', securityContext, ...rest })
const pod = (spec: object, annotations?: Readonly<Record<string, string>>): CheckedPod =>
  ({ metadata: { name: 'pod', ...(annotations && { annotations }) }, spec: { containers: [], ...spec } }) as unknown as CheckedPod

const found = (level: string, version: string, given: CheckedPod) => {
  const labels = { 'pod-security.kubernetes.io/enforce': level, 'pod-security.kubernetes.io/enforce-version': version }
  return formatViolations(violations(readPolicy(labels).policy.enforce, given))
}

describe('baseline', () => {
  const cases: readonly (readonly [object, string, Readonly<Record<string, string>>?])[] = [
    [{ containers: [container()] }, ''],
    [{ hostNetwork: true, hostIPC: true }, 'host namespaces (hostNetwork=true, hostIPC=true)'],
    [
      {
        volumes: [
          { name: 'a', hostPath: { path: '/' } },
          { name: 'b', hostPath: { path: '/' } },
          { name: 'c', nfs: {} },
        ],
      },
      'hostPath volumes (volumes "a", "b")',
    ],
    [{ containers: [container({ privileged: true })] }, 'privileged (container "web" must not set securityContext.privileged=true)'],
    [
      { containers: [container({ privileged: true })], initContainers: [container({ privileged: true }, {}, 'init')] },
      'privileged (containers "init", "web" must not set securityContext.privileged=true)',
    ],
    [
      { ephemeralContainers: [container({ privileged: true }, {}, 'debug')] },
      'privileged (container "debug" must not set securityContext.privileged=true)',
    ],
    [
      { containers: [container({}, { ports: [{ hostPort: 80 }, { hostPort: 443 }, { containerPort: 1 }] })] },
      'hostPort (container "web" uses hostPorts 443, 80)',
    ],
    [
      { containers: [container({ capabilities: { add: ['NET_RAW', 'CHOWN', 'BPF'] } })] },
      'non-default capabilities (container "web" must not include "BPF", "NET_RAW" in securityContext.capabilities.add)',
    ],
    [
      { containers: [container({ procMount: 'Unmasked' })] },
      'procMount (container "web" must not set securityContext.procMount to "Unmasked")',
    ],
    [{ hostUsers: false, containers: [container({ procMount: 'Unmasked' })] }, ''],
    [
      { securityContext: { seLinuxOptions: { type: 'spc_t' } }, containers: [container({ seLinuxOptions: { user: 'u', role: 'r' } })] },
      'seLinuxOptions (pod and container "web" set forbidden securityContext.seLinuxOptions: type "spc_t"; user may not be set; role may not be set)',
    ],
    [
      { securityContext: { seccompProfile: { type: 'Unconfined' } } },
      'seccompProfile (pod must not set securityContext.seccompProfile.type to "Unconfined")',
    ],
    [
      { securityContext: { appArmorProfile: { type: 'Unconfined' } } },
      'forbidden AppArmor profile (pod must not set AppArmor profile type to "Unconfined")',
    ],
    [
      { containers: [container()] },
      'forbidden AppArmor profile (annotation must not set AppArmor profile type to "container.apparmor.security.beta.kubernetes.io/web="unconfined"")',
      { 'container.apparmor.security.beta.kubernetes.io/web': 'unconfined' },
    ],
    [
      {
        securityContext: {
          sysctls: [
            { name: 'net.ipv4.tcp_rmem', value: '1' },
            { name: 'kernel.msgmax', value: '1' },
          ],
        },
      },
      'forbidden sysctls (kernel.msgmax)',
    ],
    [
      { securityContext: { windowsOptions: { hostProcess: true } } },
      'hostProcess (pod must not set securityContext.windowsOptions.hostProcess=true)',
    ],
    [
      { containers: [container({}, { livenessProbe: { httpGet: { host: 'a' } }, lifecycle: { preStop: { tcpSocket: { host: 'b' } } } })] },
      'probe or lifecycle host (container "web" uses probe or lifecycle hosts "a", "b")',
    ],
  ]
  for (const [spec, expected, annotations] of cases)
    it(`${JSON.stringify(spec)}: ${expected || 'nothing'}`, () =>
      assert.equal(found('baseline', 'latest', pod(spec, annotations)), expected))
})

describe('restricted', () => {
  const everything =
    'allowPrivilegeEscalation != false (container "web" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "web" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "web" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "web" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")'
  const cases: readonly (readonly [object, string])[] = [
    [{ containers: [container(strict)] }, ''],
    [{ containers: [container()] }, everything],
    [
      { containers: [container({ ...strict, capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE', 'CHOWN'] } })] },
      'unrestricted capabilities (container "web" must not include "CHOWN" in securityContext.capabilities.add)',
    ],
    [
      {
        securityContext: { runAsNonRoot: false },
        containers: [container(strict), container({ ...strict, runAsNonRoot: false }, {}, 'two')],
      },
      'runAsNonRoot != true (pod and container "two" must not set securityContext.runAsNonRoot=false)',
    ],
    [{ securityContext: { runAsUser: 0 }, containers: [container(strict)] }, 'runAsUser=0 (pod must not set runAsUser=0)'],
    [{ hostUsers: false, securityContext: { runAsUser: 0 }, containers: [container({ ...strict, runAsNonRoot: undefined })] }, ''],
    [
      {
        volumes: [
          { name: 'a', hostPath: {} },
          { name: 'b', nfs: {} },
          { name: 'c', csi: {} },
        ],
        containers: [container(strict)],
      },
      'restricted volume types (volumes "a", "b" use restricted volume types "hostPath", "nfs")',
    ],
    [
      {
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'Localhost' } },
        os: { name: 'windows' },
        containers: [container()],
      },
      '',
    ],
  ]
  for (const [spec, expected] of cases)
    it(`${JSON.stringify(spec)}: ${expected || 'nothing'}`, () => assert.equal(found('restricted', 'latest', pod(spec)), expected))
})

describe('versions', () => {
  const cases: readonly (readonly [string, object, string])[] = [
    ['v1.7', { containers: [container({ runAsNonRoot: true })] }, ''],
    ['v1.18', { containers: [container({ allowPrivilegeEscalation: false, runAsNonRoot: true })] }, ''],
    [
      'v1.24',
      { os: { name: 'windows' }, containers: [container({ ...strict, allowPrivilegeEscalation: undefined })] },
      'allowPrivilegeEscalation != false (container "web" must set securityContext.allowPrivilegeEscalation=false)',
    ],
    [
      'v1.31',
      { securityContext: { sysctls: [{ name: 'net.ipv4.tcp_rmem' }] }, containers: [container(strict)] },
      'forbidden sysctls (net.ipv4.tcp_rmem)',
    ],
    ['v1.33', { containers: [container(strict, { livenessProbe: { httpGet: { host: 'a' } } })] }, ''],
    ['v1.99', { containers: [container(strict)] }, ''],
  ]
  for (const [version, spec, expected] of cases)
    it(`${version}: ${JSON.stringify(spec)}`, () => assert.equal(found('restricted', version, pod(spec)), expected))

  it('before there were fields, annotations chose the seccomp profile', () => {
    const annotated = pod({ containers: [container()] }, { 'container.seccomp.security.alpha.kubernetes.io/web': 'unconfined' })
    assert.equal(
      found('baseline', 'v1.18', annotated),
      'seccompProfile (forbidden annotation container.seccomp.security.alpha.kubernetes.io/web="unconfined")',
    )
    assert.equal(found('baseline', 'v1.19', annotated), '')
  })
})

describe('labels', () => {
  const label = 'pod-security.kubernetes.io/'
  it('say nothing by default', () => {
    const { policy } = readPolicy({ app: 'web' })
    assert.deepEqual([policy.enforce, policy.audit, policy.warn].map(formatLevel), Array(3).fill('privileged:latest'))
  })
  it('that mean nothing are told, enforce the strictest level and nothing else', () => {
    const { policy, errors } = readPolicy({ [`${label}enforce`]: 'lax', [`${label}warn`]: 'lax', [`${label}audit-version`]: 'v2.0' })
    assert.deepEqual([policy.enforce, policy.audit, policy.warn].map(formatLevel), [
      'restricted:latest',
      'privileged:latest',
      'privileged:latest',
    ])
    assert.deepEqual(
      errors.map(({ field, message }) => `${field}: ${message}`),
      [
        `metadata.labels[${label}enforce]: Invalid value: "lax": must be one of privileged, baseline, restricted`,
        `metadata.labels[${label}audit-version]: Invalid value: "v2.0": must be "latest" or "v1.x"`,
        `metadata.labels[${label}warn]: Invalid value: "lax": must be one of privileged, baseline, restricted`,
      ],
    )
  })
})

describe('pods that are there', () => {
  it('are told by what they violate', () => {
    const named = (name: string, spec: object) => ({ ...pod(spec), metadata: { name } }) as Pod
    const pods = [
      named('b', { hostPID: true }),
      named('a', { hostPID: true }),
      named('c', { hostNetwork: true }),
      named('d', { containers: [container({ privileged: true })] }),
      named('fine', {}),
    ]
    assert.deepEqual(existingPodWarnings('web', { level: 'baseline', version: 24 }, pods), [
      'existing pods in namespace "web" violate the new PodSecurity enforce level "baseline:v1.24"',
      'a (and 2 other pods): host namespaces',
      'd: privileged',
    ])
  })
  it('are updated freely unless something of weight changes', () => {
    const old = pod({ containers: [container()], ephemeralContainers: [] }) as Pod
    const change = (spec: object) => isSignificantUpdate(pod({ ...old.spec, ...spec }) as Pod, old)
    assert.equal(change({ activeDeadlineSeconds: 5 }), false)
    assert.equal(change({ containers: [container({}, { image: 'other' })] }), true)
    assert.equal(change({ ephemeralContainers: [container({}, {}, 'debug')] }), true)
  })
})
