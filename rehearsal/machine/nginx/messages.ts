/** What a worker of nginx says once it takes connections; anything else that it says is why it cannot. */
export const listens = 'listens';

/** What tells a worker to finish what it has begun and to end. */
export const quit = 'quit';
