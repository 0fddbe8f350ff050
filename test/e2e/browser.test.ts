import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterEach, expect, test } from 'vitest';
import { describeWith } from '../support/parts.ts';
import { type Slipway, startSlipway } from '../support/slipway.ts';
import { gate, looks, phase, planOf, posts } from './plans.ts';
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

describeWith(['local-slack', 'chromium'], 'a deployment in a browser', () => {
  let slipway: Slipway | undefined;
  let target: Target | undefined;
  let browser: Browser | undefined;

  afterEach(async () => {
    await browser?.close();
    await slipway?.stop();
    await target?.stop();
    browser = slipway = target = undefined;
  });

  test('is approved and rolled back by clicks, and the card follows', async () => {
    target = await startTarget();
    slipway = await startSlipway({ plan: planFor(target), workspace: { isWatched: true } });
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: flags });
    const page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
    page.setDefaultTimeout(15_000);
    await page.goto(slipway.workspace.slack.url);
    await page.locator('.sidebar-item', { hasText: 'production' }).click();
    const cards = page.locator('.main .msg');
    const card = cards.filter({ hasText: 'production · v2.4.1' });

    await type(page, 'Alice', '/deploy production v2.4.1');
    await card.getByText('waiting for people').first().waitFor();
    await actAs(page, 'Bob');
    await card.locator('.thread-summary').click();
    await page.getByRole('button', { name: 'Approve' }).first().click();
    await card.getByText('production · v2.4.1 · succeeded').waitFor();
    await actAs(page, 'Carol');
    await card.getByRole('button', { name: 'Roll back' }).click();
    const modal = page.locator('.modal');
    await modal.locator('select').selectOption('high');
    await modal.locator('.bk-plain-input').fill('Orders are lost.');
    await modal.getByRole('button', { name: 'Roll back' }).click();
    await card.getByText('Taken back by').waitFor();
    await cards.getByText('production · rollback of production-1 · rolled back').waitFor();
    const buttonsLeft = await card.getByRole('button').allInnerTexts();
    const picture = await screenshot(page);

    expect(target.asked).toEqual(['GET /health', 'GET /api', 'POST /deploy', 'GET /health', 'POST /old']);
    expect(buttonsLeft).not.toContain('Roll back');
    expect(buttonsLeft).not.toContain('Abort');
    expect(await card.textContent()).toContain('Orders are lost.');
    expect(picture.subarray(1, 4).toString()).toBe('PNG');
    expect(slipway.workspace.gateway.violations).toEqual([]);
  });
});

/** Takes a picture into a folder that is removed again, or to where SLIPWAY_SCREENSHOT says. */
async function screenshot(page: Page): Promise<Buffer> {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-picture-'));
  try {
    return await page.screenshot({ path: process.env.SLIPWAY_SCREENSHOT ?? join(dir, 'slipway.png') });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function planFor({ url }: Target) {
  return planOf(
    [
      phase('checks', 'Pre-deployment checks', [
        looks(`${url}/health`, { title: 'The site answers' }),
        looks(`${url}/api`, { id: 'api', title: 'The API answers' }),
      ]),
      phase('deploy', 'Deployment', [posts(`${url}/deploy`, { title: 'The new version is switched on' })], {
        needs: ['checks'],
        ...gate(),
      }),
      phase('smoke', 'Smoke tests', [looks(`${url}/health`, { title: 'The site still answers' })], {
        needs: ['deploy'],
      }),
    ],
    {
      title: 'Launch',
      rollback: {
        high: {
          phases: [
            phase('back', 'Back to the old version', [
              posts(`${url}/old`, { title: 'The old version is on' }),
            ]),
          ],
        },
      },
    },
  );
}

async function actAs(page: Page, name: string): Promise<void> {
  await page.locator('.actas select').selectOption({ label: name });
}

async function type(page: Page, name: string, text: string): Promise<void> {
  await actAs(page, name);
  await page.locator('.main .composer-input').fill(text);
  await page.getByRole('button', { name: 'Send' }).first().click();
}
