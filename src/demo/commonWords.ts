/**
 * Everyday words of known languages, most of them outside the concepts. They only teach the tokenizer which syllables
 * there are: from the words of the concepts alone many a common syllable would be missing.
 */
export const commonWords: readonly string[] = [
	// German
	'kuchen kugel kunde kunst kupfer kuss kutsche kopf kosten koffer kohle komma können konto korb kochen',
	'karte kasten kaufen kabel kaffee kamera kampf kanne kante kappe kerze kette kegel kino kirche kiste kilo',
	'gabel gast gang ganz gasse geben gegen gelb geist genau gummi gurt gold gott gürtel guten ding lang eng',
	'dank dame damm daumen decke denken dunkel duft durst dutzend dose donner dorn jahr jagd jacke jung jubel',
	'juli juni joghurt jemand haken hammer hand hafen hemd himmel hinten holen honig hunger husten hupe',
	'lampe laden lager leder leben leute liebe linie loben lohn luft lunge mantel magen mode monat mund mutter',
	'name nase nacht nebel nichts nuss nudel note paket palast pause pilz pinsel pudel puppe punkt pumpe post',
	'rabe radio rasen regal reden ring rose ruder ruhe rufen sache saft sauber segel seite seife sofa sonne',
	'suppe suchen summe tafel tag tante tasche tempo tenne teuer tonne topf tube tuch turm wagen wange warten',
	'weg welle wiese wille wolle wunde wunder wurst zange zahl zebra zeit zunge zug baden ball banane becher',
	'beutel birne boden bogen bude bunt butter neun heute euro feuer steuer treu neu leuchte',
	// English
	'again began human gate gun guilt king kitten kid kept joke jump jungle jury major enjoy young yellow year',
	'beyond your yard royal wagon water awake away woman wonder window winter long song among hang sang wing',
	'ring thing bring many pony lucky funny duck luck bucket pocket basket market ticket packet jacket rocket',
	'bamboo banana camera canada panama salami pajamas tomato potato karate koala panda kayak',
	'mango lemon melon salad manner money animal family danger finger singer anger hunger hundred under thunder',
	'paper pepper super supper upper number member remember river never ever seven open begin behind because',
	// English, for syllables that are rarer there
	'adhesion adhesive adult ajar alike alimony ambiance anorak ascend bang banging basement biasing bingo',
	'botany brush brusque bungalow bungle bursar cage cagey capital ceremony chase chide clerical crayon',
	'curator dash dashing database delude denial descend desire digit digital druggist duke dullest eking',
	'elude enema enemy engaging enjoying entangle essay execute executor fencing feud feudal garaging',
	'globular gondola grape graph gunning guy guying hangar harangue hate hateful hay haying hide hogging',
	'horsing hurrah ikon impasse impurity indolent jaguar jangle jangling jay jaywalk jingle jingling kayak',
	'lambing length lengthen lethal leukemia lump lunch luncheon lyrical mahogany motor motoring mundane',
	'namesake optimum outlaw outlay paragon paranoia patience patio phase pig pitiful plumpest purity rake',
	'ranging rayon residing residual ripest sake sari saturate sawing say sedating seducing seesaw simile',
	'simplest sire somebody song spite stimuli tangible than therapist tomahawk torsi truancy truant',
	'tubular unkempt wakening watchdog won',
	// French
	'café cadeau campagne canapé cabane banane malade salade garage jaune jamais jambon jouet jour jupe juge jus',
	'langue longue ligne image manger matin marin marais gare garder gagner goutte légume lune lundi mardi mouton',
	'nature navire numéro nuage papa parler patate pirate poli pomme poupée purée pyjama rapide radis rideau',
	'robe ruban rue sabot salon samedi sapin semaine sirop soupe sucre tapis tasse tomate tuyau ville vitamine',
	'été école église étage épaule éléphant métal bébé béton début défi réponse sérieux télé vélo mélo pédale',
].flatMap((line) => line.split(' '));
