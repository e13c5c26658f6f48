import { tokenReviewKind } from '../apis/authentication/token-review.ts'
import { subjectAccessReviewKind } from '../apis/authorization/subject-access-review.ts'
import type { Client } from '../client/index.ts'
import { controlGroupReadings, type Kubelet } from '../kubelet/index.ts'

import type { ContainerRuntime } from '../kubelet/runtime/types.ts'
import { startNodeServer } from '../kubelet/server/index.ts'
import type { NodeServer } from '../kubelet/server/types.ts'
import { cgroupRoot } from './lifecycle/cgroups.ts'
import { identityFile, readIdentity } from './lifecycle/processes.ts'
import { readPkiUser } from './pki.ts'
import type { ProcessRoom } from './processes/room.ts'

/** The node's HTTPS server; who may use it, the API server says (TokenReview, SubjectAccessReview). */
export function serveNode(room: ProcessRoom, client: Client, runtime: ContainerRuntime, kubelet: Kubelet): Promise<NodeServer> {
  const { configuration, paths, clock, logger, metrics } = room
  const { authority, certificate, key } = readPkiUser(paths.pki, 'kubelet')
  return startNodeServer({
    nodeName: configuration.nodeName,
    host: '0.0.0.0',
    port: configuration.kubeletPort,
    tls: { key, certificate, clientAuthority: authority },
    async authenticateToken(token) {
      const { status } = await client.create(tokenReviewKind, { metadata: {}, spec: { token } })
      const { username, uid, groups = [], extra } = status?.user ?? {}
      return status?.authenticated && username ? { username, uid, groups, extra } : undefined
    },
    async authorize(user, { verb, resource, subresource, name }) {
      // What the API server itself uses to reach nodes needs no question.
      if (user.groups.includes('system:masters')) return { allowed: true, reason: '' }
      const resourceAttributes = { verb, version: 'v1', resource, subresource, name }
      const spec = { user: user.username, groups: user.groups, extra: user.extra, uid: user.uid, resourceAttributes }
      const { status } = await client.create(subjectAccessReviewKind, { metadata: {}, spec })
      return { allowed: status?.allowed ?? false, reason: status?.reason ?? '' }
    },
    pods: kubelet.pods,
    controlGroups: controlGroupReadings(),
    podsControlGroup: `${cgroupRoot(configuration.name)}/${configuration.nodeName}/kubepods`,
    systemProcesses() {
      const runtime = readIdentity(identityFile(paths.run, 'containerd'))
      return { kubelet: process.pid, ...(runtime && { runtime: runtime.pid }) }
    },
    podsDirectory: paths.kubelet,
    runtime,
    clock,
    logger: logger.with({ component: 'node-server' }),
    metrics,
  })
}
