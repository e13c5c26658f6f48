import { maximumScore, type ScorePlugin } from '../framework.ts'

const mebibyte = 1024 * 1024
/** Below this no difference is made; each container raises the upper bound. */
const lowest_bytes = 23 * mebibyte
const highestPerContainer_bytes = 1000 * mebibyte

/** Prefers nodes that have the pod's images, the more the larger they are and the more nodes have them. */
export const imageLocality: ScorePlugin = {
  name: 'ImageLocality',
  weight: 1,
  prepare(pod, { table }, feasible) {
    const images = [...(pod.pod.spec?.initContainers ?? []), ...(pod.pod.spec?.containers ?? [])].map(container =>
      withTag(container.image ?? ''),
    )
    const spread = images.map(image => feasible.filter(slot => sizeOn(table.images(slot), image) > 0).length / Math.max(1, table.nodeCount))
    if (spread.every(share => share === 0)) return undefined
    const highest_bytes = highestPerContainer_bytes * images.length
    return {
      scale: 'none',
      of(slot) {
        let sum = 0
        for (const [index, image] of images.entries()) sum += sizeOn(table.images(slot), image) * (spread[index] ?? 0)
        const bounded = Math.min(Math.max(sum, lowest_bytes), highest_bytes)
        return Math.floor((maximumScore * (bounded - lowest_bytes)) / (highest_bytes - lowest_bytes))
      },
    }
  },
}

const withTag = (image: string): string => (image.lastIndexOf(':') <= image.lastIndexOf('/') ? `${image}:latest` : image)

/** Nodes list full names; a short one means Docker's library. */
const sizeOn = (images: ReadonlyMap<string, number>, image: string): number =>
  images.get(image) ?? images.get(`docker.io/library/${image}`) ?? images.get(`docker.io/${image}`) ?? 0
