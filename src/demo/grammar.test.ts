import { describe, expect, test } from 'vitest';
import { answer, question, type Fact } from './facts.ts';
import { realize, type Sentence } from './grammar.ts';
import { knownLanguages, newLanguages } from './languages.ts';

const all = [...knownLanguages, ...newLanguages];

/** English, German, French, Russian, Chinese, Javanese, Sundanese. */
const reviewed: [Sentence, string[]][] = [
	[
		{ template: 'transitive', subject: 'cow', adjective: 'white', verb: 'eats', object: 'grass' },
		[
			'the white cow eats the grass',
			'die weiße kuh frisst das gras',
			"la vache blanche mange l'herbe",
			'белая корова ест траву',
			'白的牛吃草',
			'sapi putih mangan suket',
			'sapi bodas dahar jukut',
		],
	],
	[
		{ template: 'transitive', subject: 'bird', adjective: 'new', verb: 'sees', object: 'tree' },
		[
			'the new bird sees the tree',
			'der neue vogel sieht den baum',
			"le nouvel oiseau voit l'arbre",
			'новая птица видит дерево',
			'新的鸟看见树',
			'manuk anyar ndeleng wit',
			'manuk anyar nénjo tangkal',
		],
	],
	[
		{ template: 'located', subject: 'horse', verb: 'sleeps', place: 'field' },
		[
			'the horse sleeps in the field',
			'das pferd schläft auf dem feld',
			'le cheval dort dans le champ',
			'лошадь спит в поле',
			'马在田野里睡觉',
			'jaran turu ing sawah',
			'kuda saré di sawah',
		],
	],
	[
		{ template: 'intransitive', subject: 'goose', adjective: 'big', verb: 'swims' },
		[
			'the big goose swims',
			'die große gans schwimmt',
			'la grande oie nage',
			'большой гусь плавает',
			'大的鹅在游泳',
			'banyak gedhe nglangi',
			'soang badag ngojay',
		],
	],
	[
		{ template: 'isNot', subject: 'water', predicate: 'clean' },
		[
			'the water is not clean',
			'das wasser ist nicht sauber',
			"l'eau n'est pas propre",
			'вода не чистая',
			'水不干净',
			'banyu iku ora resik',
			'cai éta henteu beresih',
		],
	],
	[
		{ template: 'is', subject: 'window', predicate: 'small' },
		[
			'the window is small',
			'das fenster ist klein',
			'la fenêtre est petite',
			'окно маленькое',
			'窗户很小',
			'cendhela iku cilik',
			'jandéla éta leutik',
		],
	],
	[
		{ template: 'both', subject: 'sun', second: 'moon' },
		[
			'the sun and the moon',
			'die sonne und der mond',
			'le soleil et la lune',
			'солнце и луна',
			'太阳和月亮',
			'srengenge lan rembulan',
			'panonpoé jeung bulan',
		],
	],
];

describe('sentences reviewed by hand', () => {
	test.each(reviewed)('%j', (sentence, texts) => {
		expect(all.map((language) => realize(language, sentence))).toEqual(texts);
	});
});

const asked: [Fact, string[]][] = [
	[
		{ relation: 'lives', subject: 'bear', value: 'forest' },
		[
			'where does the bear live? in the forest',
			'wo lebt der bär? im wald',
			"où vit l'ours? dans la forêt",
			'где живёт медведь? в лесу',
			'熊住在哪里？ 在森林里',
			'bruwang manggon ing ngendi? ing alas',
			'biruang cicing di mana? di leuweung',
		],
	],
	[
		{ relation: 'colour', subject: 'door', value: 'green' },
		[
			'what colour is the door? green',
			'welche farbe hat die tür? grün',
			'de quelle couleur est la porte? verte',
			'какого цвета дверь? зелёная',
			'门是什么颜色？ 绿',
			'lawang iku wernane apa? ijo',
			'panto éta warnana naon? héjo',
		],
	],
];

test.each(asked)('question and answer: %j', (fact, texts) => {
	expect(all.map((language) => `${question(language, fact)} ${answer(language, fact)}`)).toEqual(
		texts,
	);
});

test('a sentence that lacks what its template asks for is refused', () => {
	const [english] = all;
	expect(() => realize(english!, { template: 'is', subject: 'dog' })).toThrow('{predicate}');
});
