import type { Pod } from '../../apis/core/pod.ts'
import type { PodSpec } from '../../apis/core/pod-spec.ts'
import type { AdmissionRequest, AdmissionStep } from '../types.ts'
import { refuse } from './refuse.ts'

/** On a node that many share, an image may be used only by those who could have pulled it. Off unless asked for. */
export const alwaysPullImages: AdmissionStep = {
  name: 'AlwaysPullImages',
  handles: request => isPodWithNewImages(request),
  mutate({ object }) {
    const pod = object as Pod
    return pod.spec ? { ...pod, spec: alwaysPulling(pod.spec) } : pod
  },
  validate(request) {
    const lax = lists.flatMap(list =>
      containersOf((request.object as Pod).spec, list).flatMap(({ imagePullPolicy }, index) =>
        imagePullPolicy === 'Always' ? [] : [{ path: `spec.${list}[${index}].imagePullPolicy`, policy: imagePullPolicy ?? '' }],
      ),
    )
    const [first] = lax
    if (first) throw refuse(request, `${first.path}: Unsupported value: ${JSON.stringify(first.policy)}: supported values: "Always"`)
  },
}

const lists = ['containers', 'initContainers', 'ephemeralContainers'] as const

interface Pulled {
  readonly image?: string
  readonly imagePullPolicy?: string
}

const containersOf = (spec: PodSpec | undefined, list: (typeof lists)[number]): readonly Pulled[] => spec?.[list] ?? []

function isPodWithNewImages({ kind, operation, subresource, object, old }: AdmissionRequest): boolean {
  if (kind.resource !== 'pods' || kind.group !== '' || (subresource !== '' && subresource !== 'ephemeralcontainers')) return false
  if (operation === 'CREATE') return subresource === ''
  if (operation !== 'UPDATE') return false
  const images = (pod: Pod | undefined) => lists.flatMap(list => containersOf(pod?.spec, list).map(({ image }) => image))
  const before = new Set(images(old as Pod | undefined))
  return images(object as Pod).some(image => !before.has(image))
}

function alwaysPulling(spec: PodSpec): PodSpec {
  const always = <T extends Pulled>(containers: readonly T[]): readonly T[] =>
    containers.map(one => ({ ...one, imagePullPolicy: 'Always' }))
  const volumes = spec.volumes?.map(volume => (volume.image ? { ...volume, image: { ...volume.image, pullPolicy: 'Always' } } : volume))
  return {
    ...spec,
    containers: always(spec.containers ?? []),
    ...(spec.initContainers && { initContainers: always(spec.initContainers) }),
    ...(spec.ephemeralContainers && { ephemeralContainers: always(spec.ephemeralContainers) }),
    ...(volumes && { volumes }),
  }
}
