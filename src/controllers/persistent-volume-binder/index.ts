/**
 * Binds claims to volumes that are there: those kept for a claim, those that a claim names, or the smallest that fits.
 * Volumes themselves are made and deleted by provisioners, programs that users run. A class that waits for its first
 * consumer is left waiting, unless a volume is kept for the claim: the scheduler does not choose volumes.
 */
import { isNotFound } from '../../apimachinery/api-errors.ts'
import { type PersistentVolume, persistentVolumeKind } from '../../apis/core/persistent-volume.ts'
import { persistentVolumeClaimKind } from '../../apis/core/persistent-volume-claim.ts'
import { semanticEqual } from '../../apis/core/sharing.ts'
import { storageClassKind } from '../../apis/storage/storage-class.ts'
import { runController, watchOf } from '../../client/index.ts'
import { type Controller, keyOf, splitKey } from '../controller.ts'
import { bindCompleted } from './bind.ts'
import { syncClaim } from './claim.ts'
import { syncVolume } from './volume.ts'

const claimKey = (key: string): string => `claim ${key}`
const volumeKey = (name: string): string => `volume ${name}`

export const persistentVolumeBinder: Controller = {
  name: 'persistent-volume-binder',
  start(context) {
    const { client } = context
    const volumes = client.informer(persistentVolumeKind)
    const claims = client.informer(persistentVolumeClaimKind)
    const waiting = () =>
      claims
        .list()
        .filter(({ metadata }) => !metadata.annotations?.[bindCompleted])
        .map(claim => claimKey(keyOf(claim)))
    return runController({
      ...context,
      watches: [
        watchOf(claims, (old, current) => {
          const claim = current ?? old
          if (!claim) return []
          const names = [old?.spec?.volumeName, current?.spec?.volumeName].filter(name => name !== undefined)
          const held = current ? [] : volumes.list().filter(volume => volume.spec?.claimRef?.uid === claim.metadata.uid)
          return [claimKey(keyOf(claim)), ...names.map(volumeKey), ...held.map(volume => volumeKey(keyOf(volume)))]
        }),
        watchOf(volumes, (old, current) => {
          const volume = current ?? old
          return volume ? [volumeKey(keyOf(volume)), ...claimOf(volume), ...(mayServe(old, current) ? waiting() : [])] : []
        }),
        watchOf(client.informer(storageClassKind), waiting),
      ],
      async reconcile(key) {
        const space = key.indexOf(' ')
        const { namespace, name } = splitKey(key.slice(space + 1))
        try {
          if (key.startsWith('claim ')) {
            const claim = claims.get(namespace, name)
            if (claim && !claim.metadata.deletionTimestamp) await syncClaim(context, claim)
          } else {
            const volume = volumes.get(undefined, name)
            if (volume) await syncVolume(context, volume)
          }
        } catch (error) {
          // What changed meanwhile is tried again: it may be the other one of the two, whose event does not bring us back.
          if (!isNotFound(error)) throw error
        }
      },
    })
  },
}

const claimOf = ({ spec }: PersistentVolume): string[] =>
  spec?.claimRef?.name ? [claimKey(`${spec.claimRef.namespace}/${spec.claimRef.name}`)] : []

/** Became free, or something else of it changed that claims look at. */
const mayServe = (old: PersistentVolume | undefined, current: PersistentVolume | undefined): boolean =>
  current?.status?.phase === 'Available' &&
  !(
    old?.status?.phase === 'Available' &&
    semanticEqual(old.spec, current.spec) &&
    semanticEqual(old.metadata.labels, current.metadata.labels)
  )
