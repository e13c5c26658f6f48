import { maximumScore, type ScorePlugin } from '../framework.ts'
import type { NodeTable } from '../node-table.ts'

const mebibyte = 1024 * 1024
/** Below this no difference is made; each container raises the upper bound. */
const lowest_bytes = 23 * mebibyte
const highestPerContainer_bytes = 1000 * mebibyte

/** Prefers nodes that have the pod's images, the more the larger they are and the more nodes have them. */
export const imageLocality: ScorePlugin = {
  name: 'ImageLocality',
  weight: 1,
  prepare(pod, { table }) {
    const images = [...(pod.pod.spec?.initContainers ?? []), ...(pod.pod.spec?.containers ?? [])].map(container =>
      withTag(container.image ?? ''),
    )
    const highest_bytes = highestPerContainer_bytes * images.length
    const known = images.map(image => nameOnNodes(table, image)).filter(image => image !== undefined)
    if (known.length === 0) return undefined
    // An image that few nodes have would draw all its pods to them.
    const spread = known.map(image => table.nodesWithImage(image) / table.nodeCount)
    return {
      scale: 'none',
      of(slot) {
        let sum = 0
        const sizes = table.images(slot)
        for (let index = 0; index < known.length; index++) {
          sum += Math.floor((sizes.get(known[index] as string) ?? 0) * (spread[index] as number))
        }
        const bounded = Math.min(Math.max(sum, lowest_bytes), highest_bytes)
        return Math.floor((maximumScore * (bounded - lowest_bytes)) / (highest_bytes - lowest_bytes))
      },
    }
  },
}

const withTag = (image: string): string => (image.lastIndexOf(':') <= image.lastIndexOf('/') ? `${image}:latest` : image)

/** Nodes list full names; a short one means Docker's library. */
const nameOnNodes = (table: NodeTable, image: string): string | undefined =>
  [image, `docker.io/library/${image}`, `docker.io/${image}`].find(name => table.nodesWithImage(name) > 0)
