type Labels = Readonly<Record<string, string>> | undefined

/** Labels of Kubernetes' own that differ and that kubelets may not set; any other label is theirs to choose. */
export function forbiddenLabels(labels: Labels = {}, old: Labels = {}): string[] {
  const keys = new Set([...Object.keys(labels), ...Object.keys(old)])
  return [...keys].filter(key => labels[key] !== old[key] && isForbidden(key)).sort()
}

function isForbidden(key: string): boolean {
  const slash = key.indexOf('/')
  const domain = slash < 0 ? '' : key.slice(0, slash)
  if (isWithin(domain, 'node-restriction.kubernetes.io')) return true
  const isReserved = isWithin(domain, 'kubernetes.io') || isWithin(domain, 'k8s.io')
  return isReserved && !kubeletLabels.has(key) && !kubeletDomains.some(one => isWithin(domain, one))
}

const isWithin = (domain: string, parent: string): boolean => domain === parent || domain.endsWith(`.${parent}`)

const kubeletDomains = ['kubelet.kubernetes.io', 'node.kubernetes.io']
const kubeletLabels = new Set([
  'kubernetes.io/hostname',
  'kubernetes.io/os',
  'kubernetes.io/arch',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
  'beta.kubernetes.io/instance-type',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/arch',
])
