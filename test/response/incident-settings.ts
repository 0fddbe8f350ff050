import type { IncidentSettings } from '../../src/incidents/settings.ts';

export const alice = { id: 'U0ALICE', may: ['declare', 'respond', 'publish'] } as const;

const hour = 3_600_000;

/** What slipway.yaml says of incidents here; carol is invited by her group, and whoever is on call. */
export const incidentSettings: IncidentSettings = {
  may: { declare: [], respond: [], run: [], publish: [] },
  invite: { schedules: ['primary'], groups: ['oncall'] },
  prefix: 'inc',
  isPrivate: false,
  ruling: {
    updateEvery: { critical: hour, high: hour },
    reviewWithin: { critical: 24 * hour, high: 24 * hour, medium: 48 * hour, low: 48 * hour },
    remindEvery: 12 * hour,
  },
  report: { day: 1, minute: 540, timeZone: 'UTC' },
};
