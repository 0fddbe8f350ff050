import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterEach, expect, test } from 'vitest';
import { describeWith } from '../support/parts.ts';
import { type Slipway, startSlipway } from '../support/slipway.ts';
import { crewOf, submit } from './acting.ts';
import { alertWebhooks } from './alert-webhooks.ts';
import { phase, planOf, posts } from './plans.ts';
import { startTarget, type Target } from './target.ts';

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const runbook = (target: string) => `---
title: Payments fail
alerts: [PaymentsFail]
---
## Meaning

Nobody can buy.

## Diagnosis

- [ ] Ask who else sees it
- [ ] Does the API answer?

  \`\`\`yaml step
  title: The API answers
  uses: http/request
  with: { url: "${target}/health" }
  \`\`\`
`;

describeWith(['local-slack', 'chromium'], 'an incident in a browser', () => {
  let slipway: Slipway | undefined;
  let target: Target | undefined;
  let browser: Browser | undefined;

  afterEach(async () => {
    await browser?.close();
    await slipway?.stop();
    await target?.stop();
    browser = slipway = target = undefined;
  });

  test('is declared from its alert and led to its review by clicks', { timeout: 300_000 }, async () => {
    target = await startTarget();
    const webhooks = await alertWebhooks({
      routes: [{ name: 'all', channel: 'C0ALERTS', environment: 'production' }],
    });
    slipway = await startSlipway({
      plan: planOf([phase('live', 'Go-live', [posts(`${target.url}/live`)])], {
        rollback: { critical: { phases: [phase('back', 'Back', [posts(`${target.url}/back`)])] } },
      }),
      alerts: webhooks.section,
      incidents: {
        may: { declare: ['oncall'], respond: ['oncall'], run: ['oncall'], publish: ['approvers'] },
      },
      runbooks: { 'payments-fail': runbook(target.url) },
      secrets: webhooks.secrets,
      workspace: { isWatched: true },
    });
    const crew = crewOf(slipway);
    await crew.deploy('alice', 'production v2.4.1');
    await crew.card('production · v2.4.1 · succeeded');
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: flags });
    const page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
    page.setDefaultTimeout(60_000);
    await page.goto(slipway.workspace.slack.url);
    await page.locator('.sidebar-item', { hasText: 'alerts' }).click();
    await page.locator('.actas select').selectOption({ label: 'Carol' });
    const messages = page.locator('.main .msg');
    const modal = page.locator('.modal');

    await webhooks.send('PaymentsFail', { severity: 'critical', alerts: 3 });
    const alert = messages.filter({ hasText: 'PaymentsFail · firing' });
    await alert.getByRole('button', { name: 'Runbook' }).click();
    await alert.locator('.thread-summary-count').click();
    const thread = page.locator('.thread-pane');
    await thread.getByText('Nobody can buy.').waitFor();
    await thread.getByRole('button', { name: 'Done' }).first().click();
    await thread.getByRole('button', { name: 'Undo' }).first().waitFor();
    await thread.getByRole('button', { name: 'Run', exact: true }).first().click();
    await thread.getByText('Satisfied').first().waitFor();
    await picture(page, 'runbook');
    await alert.getByRole('button', { name: 'Declare incident' }).click();
    await modal.getByText('What is wrong?').waitFor();
    await picture(page, 'declare');
    // The page of the local Slack knows nobody in a choice of people, so the dialogue is sent without it.
    await submit(slipway.people, 'carol', {});
    await alert.getByText('Incident #1').waitFor();
    await picture(page, 'alert');
    await page.locator('.sidebar-item', { hasText: 'inc-1' }).click();
    const card = messages.filter({ hasText: '#1 PaymentsFail is not well' }).first();
    await card.getByRole('button', { name: 'Update' }).click();
    await modal.getByText('What is known').waitFor();
    await modal
      .locator('.bk-plain-input')
      .first()
      .fill('Payments through Stripe fail since v2.4.1.\nWe take it back.');
    await modal.locator('select').first().selectOption('identified');
    await modal.locator('select').nth(1).selectOption('critical');
    await picture(page, 'update');
    await modal.getByRole('button', { name: 'Tell' }).click();
    await messages.filter({ hasText: 'We take it back' }).nth(1).waitFor();
    await picture(page, 'room');
    await card.getByRole('button', { name: 'Roll back v2.4.1' }).click();
    await modal.locator('select').selectOption('critical');
    await modal.locator('.bk-plain-input').fill('Payments fail.');
    await modal.getByRole('button', { name: 'Roll back' }).click();
    await card.getByText('taken back').waitFor();
    await card.getByRole('button', { name: 'Resolve' }).click();
    await modal.locator('.bk-plain-input').first().fill('v2.4.1 sent no amount. It was taken back.');
    await modal.getByRole('button', { name: 'Resolve' }).click();
    await messages.filter({ hasText: 'The review is due' }).waitFor();
    await messages.getByRole('button', { name: 'Review as a file' }).first().click();
    await page.getByText('incident-1-review.md').first().waitFor();
    const last = await picture(page, 'resolved');

    expect(await card.textContent()).toContain('Resolved');
    expect(await card.getByRole('button').allInnerTexts()).toContain('Review done');
    expect(target.asked).toEqual(expect.arrayContaining(['GET /health', 'POST /back']));
    expect(last.subarray(1, 4).toString()).toBe('PNG');
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });
});

/** Takes a picture into a folder that is removed again, or to where SLIPWAY_SCREENSHOTS says. */
async function picture(page: Page, name: string): Promise<Buffer> {
  const kept = process.env.SLIPWAY_SCREENSHOTS;
  const dir = kept ?? (await mkdtemp(join(tmpdir(), 'slipway-picture-')));
  try {
    return await page.screenshot({ path: join(dir, `${name}.png`) });
  } finally {
    if (kept === undefined) await rm(dir, { recursive: true, force: true });
  }
}
