import { setTimeout as delay } from 'node:timers/promises';
import type { App } from '@slack/bolt';
import type { AppHomeOpenedEvent, ReactionAddedEvent, ReactionRemovedEvent } from '@slack/types';
import { WebAPIPlatformError } from '@slack/web-api';
import { Failure } from '../errors.ts';
import { reasonOf } from '../reason-of.ts';
import { isPassing } from '../store/persist.ts';
import { listensTo, type Metadata, parse, parseMetadata, type Reference } from './blocks/action.ts';
import type { GroupMetadata } from './blocks/alerts/group-reference.ts';
import { parseGroupMetadata } from './blocks/alerts/group-reference.ts';
import type { SilenceAnswers } from './blocks/alerts/silence-answers.ts';
import { readSilence } from './blocks/alerts/silence-answers.ts';
import { type Given, readModal } from './blocks/input.ts';
import type { BotParts } from './bot-parts.ts';
import { failed, says } from './bot-parts.ts';
import type { Content } from './messages.ts';

/** A button that was pressed: by whom, what it is about, where it stood, and a trigger for a modal. */
export interface Pressed<About = Reference> {
  readonly user: string;
  readonly about: About;
  readonly channel: string;
  readonly trigger: string;
  /** The id of the modal in which the button stood, if any. */
  readonly view?: string;
}

/** A modal that was submitted: by whom, what it is about, and what was put in. */
export interface Submitted {
  readonly user: string;
  readonly about: Metadata;
  readonly given: Given;
}

/** What Slack tells of. */
interface Told {
  readonly app_home_opened: AppHomeOpenedEvent;
  readonly reaction_added: ReactionAddedEvent;
  readonly reaction_removed: ReactionRemovedEvent;
}

/** How a dialogue is read: what it is about, what was answered, and what is wrong with the answers, by the block that asks. */
export interface Dialogue<About, Answers> {
  readonly about: (metadata: unknown) => About | undefined;
  readonly answers: (values: unknown) => Answers | undefined;
  /** With faults it stays open. */
  readonly faults?: (about: About, answers: Answers) => Readonly<Record<string, string>> | undefined;
}

/** A dialogue as it was sent; `view` is its id, which Slack gives to no other. */
export interface Answered<About, Answers> {
  readonly user: string;
  readonly about: About;
  readonly answers: Answers;
  readonly view: string;
}

/** Something was chosen in the dialogue about a silence, which is still open; `hash` names the state that it was chosen in. */
export interface Chosen extends Answered<GroupMetadata, SilenceAnswers> {
  readonly hash: string;
}

/** A command that was typed. */
export interface Typed {
  readonly user: string;
  readonly text: string;
  readonly channel: string;
  readonly trigger: string;
  /** Tells only this person something later, while Slack lets us. */
  readonly tell: (content: Content) => Promise<void>;
}

/** What a listener does; what it returns is told to the asker alone. */
export type Listener<Asked> = (asked: Asked) => Promise<Content | undefined>;

/** Slack waits three seconds for an acknowledgement (https://docs.slack.dev/interactivity/handling-user-interaction). */
const ackBy = 2_500;

/** Binds ids to listeners: each is committed before it is acknowledged, and what goes wrong is told to who was waiting. */
export function listening(app: App, bot: BotParts) {
  const serve = async (
    kind: string,
    work: Promise<Content | undefined>,
    ack: () => Promise<void>,
    tell: (content: Content) => Promise<unknown>,
  ): Promise<void> => {
    const stop = bot.metrics.acknowledged.startTimer({ kind });
    const answer = work.catch((error: unknown) => explain(error, bot));
    await Promise.race([answer, delay(ackBy)]);
    await ack();
    stop();
    const content = await answer;
    if (content === undefined) return;
    await tell(content).catch((error: unknown) => bot.log.warn({ error, kind }, 'answer not delivered'));
  };
  /** In the channel that only they see it in, or in their messages with the app. */
  const tellAlone = async (user: string, channel: string | undefined, { text, blocks }: Content) => {
    const content = { text, blocks: [...blocks] };
    const directly = () => bot.client.chat.postMessage({ channel: user, ...content });
    if (channel === undefined) {
      await directly();
      return;
    }
    await bot.client.chat.postEphemeral({ channel, user, ...content }).catch((error: unknown) => {
      // A command may be typed where the bot is not, such as between two people.
      if (error instanceof WebAPIPlatformError) return directly();
      throw error;
    });
  };
  const button = <About>(
    id: string,
    read: (value: unknown) => About | undefined,
    listener: Listener<Pressed<About>>,
  ): void => {
    app.action(
      { type: 'block_actions', action_id: listensTo(id) },
      async ({ action, body, ack, respond }) => {
        const about = read('value' in action ? action.value : undefined);
        const pressed = {
          user: body.user.id,
          channel: body.channel?.id ?? '',
          trigger: body.trigger_id,
          ...(body.view === undefined ? {} : { view: body.view.id }),
        };
        const work =
          about === undefined
            ? Promise.resolve(says('This button is from another version of Slipway.'))
            : listener({ ...pressed, about });
        await serve('click', work, ack, async (content) => {
          // A button in a dialogue or in the home tab stands in no channel.
          if (pressed.view !== undefined) return tellAlone(pressed.user, undefined, content);
          const { text, blocks } = content;
          await respond({ response_type: 'ephemeral', replace_original: false, text, blocks: [...blocks] });
        });
      },
    );
  };
  return {
    command: (name: string, listener: Listener<Typed>) => {
      app.command(name, async ({ command, ack, respond }) => {
        const tell = async ({ text, blocks }: Content) => {
          await respond({ response_type: 'ephemeral', text, blocks: [...blocks] });
        };
        const { user_id: user, text, channel_id: channel, trigger_id: trigger } = command;
        await serve('command', listener({ user, text, channel, trigger, tell }), ack, tell);
      });
    },
    /** A button; `read` says what its value is about, or undefined for what we cannot have written. */
    button,
    /** A button that is about a run. */
    action: (id: string, listener: Listener<Pressed>) => button(id, parse, listener),
    /** A button that is a link: Slack tells of it too, and shows an error beside it when nobody answers. */
    link: (id: string) => {
      app.action({ type: 'block_actions', action_id: listensTo(id) }, async ({ ack }) => ack());
    },
    view: (id: string, listener: Listener<Submitted>) => {
      app.view({ type: 'view_submission', callback_id: id }, async ({ body, view, ack }) => {
        const about = parseMetadata(view.private_metadata);
        const given = readModal(view.state.values);
        const user = body.user.id;
        const work = about === undefined || given === undefined ? stale() : listener({ user, about, given });
        await serve('modal', work, ack, (content) => tellAlone(user, about?.channel, content));
      });
    },
    /** A dialogue that is about something else than a run. */
    dialogue: <About extends { readonly channel?: string | undefined }, Answers>(
      id: string,
      { about: readAbout, answers: readAnswers, faults }: Dialogue<About, Answers>,
      listener: Listener<Answered<About, Answers>>,
    ) => {
      app.view({ type: 'view_submission', callback_id: id }, async ({ body, view, ack }) => {
        const about = readAbout(view.private_metadata);
        const answers = readAnswers(view.state.values);
        const user = body.user.id;
        const errors = about && answers && faults?.(about, answers);
        if (errors !== undefined) return ack({ response_action: 'errors', errors: { ...errors } });
        const work =
          about === undefined || answers === undefined
            ? stale()
            : listener({ user, about, answers, view: view.id });
        await serve('modal', work, ack, (content) => tellAlone(user, about?.channel, content));
      });
    },
    /** Something that Slack tells of; what goes wrong is logged, since nobody waits for an answer. */
    event: <Name extends keyof Told>(name: Name, listener: (event: Told[Name]) => Promise<void>) => {
      app.event<Name>(name, async ({ event }) => {
        await listener(event as unknown as Told[Name]).catch((error: unknown) =>
          bot.log.error({ error, name }, 'an event of Slack was not worked on'),
        );
      });
    },
    /** A choice in the dialogue about a silence. */
    silenceChoice: (id: string, listener: Listener<Chosen>) => {
      app.action({ type: 'block_actions', action_id: id }, async ({ body, ack }) => {
        const about = parseGroupMetadata(body.view?.private_metadata);
        const answers = readSilence(body.view?.state?.values);
        const user = body.user.id;
        const work =
          body.view === undefined || about === undefined || answers === undefined
            ? stale()
            : listener({ user, about, answers, view: body.view.id, hash: body.view.hash });
        await serve('click', work, ack, (content) => tellAlone(user, undefined, content));
      });
    },
  };
}

async function stale(): Promise<Content> {
  return says('This dialogue is from another version of Slipway.');
}

function explain(error: unknown, { log }: BotParts): Content {
  if (error instanceof Failure) {
    log.info({ code: error.code, error: error.message }, 'not done');
    return failed(error);
  }
  if (isPassing(error)) {
    log.warn({ error }, 'the record is away');
    const advice = `Look at the card, and try again in a moment (${reasonOf(error)}).`;
    return failed(new Failure('store-unreachable', advice, { cause: error }));
  }
  log.error({ error }, 'a listener failed');
  return says(
    ':boom: Something went wrong inside Slipway; its log says what. Nothing was changed by this click.',
  );
}

/** What binds ids to listeners. */
export type Listening = ReturnType<typeof listening>;
