/** Store thread: imports, listings, deletion, export, and the library's second copy. */
import { expose } from 'comlink';
import { storeWork } from '../src/contract/doing.ts';
import { guarded } from '../src/session/guard.ts';
import { browserFolder } from '../src/session/mirrorFolder.ts';
import { createStore } from '../src/session/store.ts';
import { openDatabase } from '../src/storage/database.ts';
import { mirrorSettings } from '../src/storage/mirror/settings.ts';

const store = createStore(openDatabase, { settings: mirrorSettings(), browserFolder });

expose(guarded(store, storeWork));
