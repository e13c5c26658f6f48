import type { RequestContext } from '../../apimachinery/request.ts'

/** The server's own changes of definitions and of what goes with them. */
export const internalContext = (signal: AbortSignal): RequestContext => ({
  user: { name: 'system:apiserver', groups: ['system:masters', 'system:authenticated'] },
  signal,
  auditId: '',
  userAgent: 'kube-apiserver',
  attributes: {
    verb: 'update',
    path: '',
    isResourceRequest: true,
    group: 'apiextensions.k8s.io',
    version: 'v1',
    resource: 'customresourcedefinitions',
    subresource: '',
    namespace: '',
    name: '',
  },
  dryRun: false,
  warn: () => {},
  annotate: () => {},
})
