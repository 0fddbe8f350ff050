/**
 * What Slack accepts, in UTF-16 units so that Slack's own way of counting never finds more. Sources, below
 * https://docs.slack.dev/reference/block-kit/: blocks/section-block, header-block, context-block, actions-block, input-block;
 * block-elements/button-element, select-menu-element, plain-text-input-element; composition-objects/confirmation-dialog-object,
 * option-object; and https://docs.slack.dev/reference/views/modal-views. `messageText` is the advice of
 * https://docs.slack.dev/reference/methods/chat.postMessage#truncating; `messageTotal` stays below the total at which Slack
 * answers `msg_blocks_too_long`, which is observed at about 13,200 and documented nowhere (slackapi/bolt-js#2509).
 */
export const limits = {
  blocks: 50,
  messageTotal: 12_000,
  messageText: 4_000,
  section: 3_000,
  fields: 10,
  field: 2_000,
  header: 150,
  contextElements: 10,
  contextText: 3_000,
  actions: 25,
  actionId: 255,
  blockId: 255,
  buttonLabel: 75,
  buttonValue: 2_000,
  url: 3_000,
  confirmTitle: 100,
  confirmText: 300,
  confirmButton: 30,
  options: 100,
  optionLabel: 75,
  optionValue: 150,
  inputLabel: 2_000,
  inputHint: 2_000,
  inputValue: 3_000,
  placeholder: 150,
  viewBlocks: 100,
  viewTitle: 24,
  viewButton: 24,
  metadata: 3_000,
} as const;
