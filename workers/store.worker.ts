/** Store thread: imports, listings, deletion, export. */
import { expose } from 'comlink';
import { createStore } from '../src/session/store.ts';

expose(createStore());
