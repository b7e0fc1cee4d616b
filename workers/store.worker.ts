/** Store thread: imports, listings, deletion, export. */
import { expose } from 'comlink';
import { storeWork } from '../src/contract/doing.ts';
import { guarded } from '../src/session/guard.ts';
import { createStore } from '../src/session/store.ts';

expose(guarded(createStore(), storeWork));
