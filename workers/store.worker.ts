/** Store thread: imports, listings, deletion, export, and the library's second copy. */
import { expose } from 'comlink';
import { browserFolder } from '../src/session/mirrorFolder.ts';
import { createStore } from '../src/session/store.ts';
import { openDatabase } from '../src/storage/database.ts';
import { mirrorSettings } from '../src/storage/mirror/settings.ts';

expose(createStore(openDatabase, { settings: mirrorSettings(), browserFolder }));
