package text

import "strings"

// endings are what a listed word may end with besides itself.
var endings = spellings(
	`s es ed er ers in ing ings y ies ish z ez erz a ah as az ahs uh uhs ery less ness licious alicious est tastic head heads hed heds face
	faces hole holes`,
)

// companions are the words that insults are compounded with.
var companions = spellings(
	`mother mutha mutha mudda mudha motha moth mofo momma mama mamma daddy father sister brother bro
	butt booty bad hard dumb smart wise lard fat fatt big huge tiny little jack kick lame lazy punk mark
	bitch bull horse dog donkey monkey pig rat cat chicken cow camel whale goat cum jizz cock dick prick knob tit titty boob
	cunt twat pussy fuck shit crap piss poo poop turd fart slut whore hoe skank fag faggot queer gay homo nigger nigga
	head hed face hole hol bag wad wit wits tard tards wipe hat clown hound hounds licker lickers lick licking sucker
	suckers suck sucks sucking sucka suckas eater eaters eat eating lover lovers rider riders bandit bandits pirate pirates
	jockey jockeys muncher munch munchers munching gobbler gobblers gobble biter bite biting blaster blower blow master
	pounder puncher punch ranger ramrod rammer packer packing pusher reamer shooter shagger spank spanker slap slapper
	smoker smoking sniffer stain stick sticks stuffer tosser tugger whip whipper worm wrench breath brain brains cake
	cakes burger burgers hammer job jobs juice kiss kisser knuckle knuckles load loads meat milk mint mite
	nozzle nugget nuggets pie pot rag rags rod sack sauce show shot spunk storm stain towel truck trap weasel wanker wank
	wrinkle beater beating banger bang banging boy boys boi bois girl girls guy man men woman baby bucket bird bear beard beast bait
	twister tickler tease teaser toucher trash tramp train
	cracker crack cranker crusher digger diver diving divin dipper drip dumper dump
	finger fingering fist fisting flap flaps farm felch freak full fun
	goblin grabber grinder hair ham hunter hugger
	juggler jerk jerker jam king kid knocker
	lip lips love lord lapper
	maggot magnet monger monkey mouth mouthed muffin mongrel
	nut nuts nob nose
	off out up
	panda pants pie plug poker polisher puff puffer pump
	queen queef rape raper
	salad sand slave slayer slinger slurp slurper smith snake snot sock soup splat spray squirt squad
	tongue tool toy thing
	wagon waffle warrior weed wife wigger 
	anal butt double filthy nasty dirty stupid ugly old hot sexy super mega ultra
	cluster cyber mind scum scam dark piggy shitty shite damn god goddamn muh
	up yeah fk fkr fker fck fckr tickler ball balls dumpster dum cutter
	jocky jockies jockie skin slap slop wallet wallets monster monsters buster crazy
	weirdo loser losers idiot idiots moron morons nugget nuggets goblins gremlin bucket buckets stick spammer
	fest storm show biscuit biscuits bubble chop chops cloth fairy fairies gargler garglers mongler mongler noodle
	pipe pipes puppet rocket rockets stroker strokers swallower waffles wagons womble wombat wit wits witted
	nobber nobbers bender benders basket baskets badger badgers canoe canoes trumpet trumpets tulip turnip nosed whisk whisky
	whiskey tits titties balls bollocks anus arse arses wanker wankers prick pricks dildo dildos cunts whores sluts bitches
	fuckers fucking fucks shits shitting shitter dicks cocks pussies twats bastard bastards lord lords king kings queen queens`,
)

// forerunners are companions that only come before the listed word: after it, they are endings of other words
// too.
var forerunners = spellings(
	`ass arse azz my ur your you youre ima im u lil hello ihate ilove iluv ilike ieat ilick isuck iam itsa
	yourea youra bigass black white brown pink small thunder crotch total real utter proper absolute
	mr mrs miss sir lord captain hail die kill`,
)

// followers are companions that only come after the listed word, as its last part.
var followers = spellings("ass asses azz ead eads")

// unmistakable are words that no innocent word contains, so that they are found inside any.
var unmistakable = set(
	"fuck fucker motherfucker bitch asshole arsehole pussy dildo whore nigger nigga faggot blowjob wanker cocksucker cunt* " +
		"masturbate testicles vagina",
)

// telling are words that no two words make when they stand side by side, so that they are found with any gap
// in them.
var telling = set(
	"arsehole bastard bastards bollocks bugger cocksucker cunt dipshit douchebag fag fucking fucked fuckers masturbate " +
		"masturbation motherfuckers niggers niggas paedophile pedophile penis porn retarded scumbag sluts tosser twat vagina wankers whores",
)

// otherSpellings are what some words are also written like, beyond what every word may be: slang and clipped
// forms. With a full stop, the spelling is found as a whole word or plural only.
var otherSpellings = map[string][]string{
	"jizz":       {"jizzum", "jizzim", "gizz", "gizzum"},
	"jism":       {"jizzum", "jizzim"},
	"clitoris":   {"clitorus", "clitorous"},
	"queer":      {"qweer", "kweer", "qwear"},
	"arsehole":   {"arshole", "arsole"},
	"wanker":     {"wankker"},
	"damn":       {"dayum", "daym.", "damm.", "dayumn"},
	"crap":       {"krap."},
	"turd":       {"terd."},
	"pedophile":  {"paedo", "pedo", "pedofile", "paedofile", "paedophile", "peedophile"},
	"paedophile": {"paedo", "pedo", "pedofile", "paedofile", "peedophile"},
	"nazi":       {"natzi", "nazy", "natsi"},
	"hitler":     {"hitlar", "hittler"},
	"idiot":      {"idjit", "eejit", "idoit", "ideot", "idiut"},
	"lesbian":    {"lesbo", "lezbo", "lezbian", "lesbain", "lezzie", "lesbean", "lezbean"},
	"sex":        {"secks.", "seks.", "sexx"},
	"porn":       {"pr0n", "pron.", "pornhub"},
	"douchebag":  {"douche bag", "doosh bag", "dooshbag", "duchebag", "douchbag"},
	"orgasm":     {"orgazm", "orgazzm", "orgism"},
	"dick":       {"dik.", "dikhead", "dic head", "diq.", "diqhead"},
	"slut":       {"slutt"},
	"fuck": {
		"fack",
		"facker",
		"fackin",
		"feck.",
		"fecker",
		"fecking",
		"fuc.",
		"fucs.",
		"fucku",
		"fucup",
		"fukup",
		"fuckup",
		"fuccboi",
		"fuckboi",
		"eff off",
		"f'd up",
		"f off",
		"fuk",
		"fuhk",
		"f8ck",
		"fuvk",
		"fk",
		"fook",
		"focker",
		"fux",
		"fock",
		"fucc",
		"phucc",
		"fuku",
		"phuku",
		"fugger",
		"fugging",
		"phuked",
		"dafuq",
		"fugly",
		"stfu",
		"gtfo",
		"fking",
		"fkin",
		"fker",
		"phuk",
		"fukka",
		"fucka",
		"fckd",
		"effing",
		"eff you",
		"fuq",
	},
	"fucker": {"facker", "fecker", "focker", "fuccer", "fker", "fukka", "fucka", "fooker", "fecker", "fugger"},
	"motherfucker": append(
		eachWithEach("mother mutha motha mtha mudda mudder muther matha mada mader mamma",
			"fucker fucka fuka fuker fukka fukker fecker fecka facker facka focker fuccer fucca fkr"),
		append(eachWithEach("fother futha fotha fudda", "mucker mucka mukka"), "mofo", "mofos", "mfs", "mfer",
			"mfers", "mfing", "mfker", "mthrfucker", "mother effer", "motherfker", "mfcker")...),
	"shit": {
		"shiit",
		"shitt",
		"schitt",
		"shizzle.",
		"shytt",
		"shyte",
		"sheit",
		"shiet",
		"shite",
		"sht",
		"shizz",
		"schit",
	},
	"bitch": {
		"bich",
		"beech ass",
		"bizatch",
		"bizznatch",
		"biznatch",
		"bioch",
		"byatch",
		"bitsh",
		"biatch",
		"beotch",
		"biotch",
		"btch",
		"beyotch",
		"bytch",
	},
	"nigger": {
		"niggur",
		"niggre.",
		"nikka",
		"niggaz",
		"nigg.",
		"negger",
		"n!gger",
		"nigguz",
		"niglets",
		"nigge.",
		"niggerz",
		"nigga",
		"niga",
		"nigah",
		"niggah",
		"niggar",
		"nig.",
		"niglet",
		"nignog",
		"nig nog",
		"niggaz",
		"nikka",
		"nigra",
		"nigger",
		"niqqa",
		"niqqer",
		"wigger",
	},
	"nigga": {"nikka", "niggaz", "nigguz", "nigg.", "niggs.", "niga", "nigah", "niggah", "niqqa", "nig"},
	"cock":  {"cawk", "cack", "kawk"},
	"cunt":  {"kunt", "cnt", "coont", "cvnt"},
	"pussy": {
		"pussi",
		"poosi",
		"pussee",
		"pussi.",
		"poussy",
		"pussie",
		"pussies",
		"pusy",
		"poosy",
		"poosie",
		"puss.",
		"pusses",
		"vajayjay",
	},
	"ass":     {"azz", "arse", "ashole", "@ss", "asz"},
	"arse":    {"arsehole"},
	"asshole": {"ashhole", "ashole", "ahole", "asshol", "arsehole"},
	"whore":   {"whor.", "hor."},
	"hoe":     {"heaux"},
	"faggot": {
		"fagot",
		"fagut",
		"faget",
		"faggut",
		"phag.",
		"faag.",
		"fagoot",
		"fag",
		"faggit",
		"fagot",
		"faqqot",
		"fagit",
		"fagget",
		"phaggot",
	},
	"retard": {
		"retardo",
		"reetard",
		"retrd",
		"asstard",
		"dumbtard",
		"dicktard",
		"shittard",
		"ritard.",
		"rtard",
		"tard.",
		"retart",
		"reetard",
		"rtard",
		"fucktard",
		"libtard",
	},
	"penis":  {"peniz", "pinis", "peen.", "peenis", "peniss", "pen1s"},
	"vagina": {"vag.", "vaj.", "vagene", "vajin", "vagena", "vagyna", "vajayjay", "vagoo"},
	"boobs":  {"boob", "boobies", "booby", "titties", "bewbs", "bewb", "b00bs"},
	"tits":   {"tit", "titty", "titties", "titt"},
	"masturbate": {
		"masterbait",
		"mastabate",
		"masterbator",
		"masturbator",
		"mastubate",
		"masterbate",
		"masturbation",
		"masterbation",
		"masturbating",
		"masterbating",
		"mastrbate",
		"masturb8",
		"fap",
		"fapping",
	},
	"testicles":    {"testical", "testicals", "testicle", "testes"},
	"knob":         {"nob", "nobhead", "knobend", "nobjockey", "nobby"},
	"homosexual":   {"homo", "homos"},
	"jerk off":     {"jerkoff", "jerking off", "jerks off", "jack off", "jerked off"},
	"blowjob":      {"bj.", "blow job", "blowie"},
	"muff":         {"muffdive", "mufdive", "muffdiving", "mufdiving"},
	"foreskin":     {"4skin"},
	"anal":         {"analingus", "anilingus"},
	"cum":          {"come shot", "jizz", "cumshot"},
	"douche":       {"doosh", "doush", "duche", "dooche"},
	"transvestite": {"tranny", "trannie"},
	"shemale":      {"shmale"},
	"suck":         {"suk", "sux"},
	"wank":         {"w4nk", "wanc"},
	"bastard":      {"bastid", "basturd", "bastrd", "bahstard", "basterd", "bastad", "bstard"},
	"piss":         {"pis off", "pissed", "p1ss"},
	"bollocks":     {"bollox", "bolloks", "bollock", "bolocks", "ballocks"},
	"ladyboy":      {"ladiboy"},
	"nymph":        {"nympho", "nymphomaniac"},
	"hebe":         {"heeb"},
	"breast":       {"brest"},
	"doggy style":  {"doggie style", "dogystyle"},
}

// eachWithEach returns every beginning with every end.
func eachWithEach(beginnings, ends string) []string {
	var all []string
	for _, beginning := range strings.Fields(beginnings) {
		for _, end := range strings.Fields(ends) {
			all = append(all, beginning+end)
		}
	}
	return all
}

// set returns the set of words.
func set(words string) map[string]bool {
	all := map[string]bool{}
	for _, word := range strings.Fields(words) {
		all[word] = true
	}
	return all
}

// maxCompanion is how long the longest of them is, as it is spelled.
var maxCompanion = func() int {
	longest := 0
	for word := range companions {
		longest = max(longest, len(word))
	}
	return longest
}()

// ordinary are short words that stand beside each other in ordinary sentences.
var ordinary = spellings(
	`a i u am an and any are as ask at ate away be bad bag ban bar bat bed bee been beg best bet bid big bit
	bob box boy bug bun bus but buy by cab call can cap car cat cell chin con cow cry cut dad dam day den did die dig dim do dog
	don dot dry due ear eat egg ego end era eve eye fan far fat few fig fin fit fix fly fog for fox fun gap gas get gig go god
	good got gun gut guy ha had ham has hat he hen her hers hi hid him hip his hit ho hog hole hop hot how hub hug hum hut ice id
	if ill in is it its jam jar jet job jog joy just key kid king kit lab lad lap law lay leg let lid lie like lip lit log lot low
	mad man map mass mat may me men met mid mix mob mom more mother mud my nap net new no nor not now nut oak odd of off oh oil ok
	okay old on one or our out over owe own pa pad pal pan par pat pay pea peg pen per pet pie pig pin pit pop pot put ram ran rap
	rat raw ray red rib rid rig rim rip rob rod rot row rub run sad sat saw say sea see set sex she shy sin sip sir sit six ski
	sky so son sore sub sue sum sun tab tan tap tar tea ten than that the then they this ti tie tin tip to ton too top toy try tub
	tug two up us use van vet via war was wax way we web wed well were wet what when where who why wig will win wit with won yes
	yet you your yum zoo re ex de la le el en es un una et al il im ive id ill dont cant com co uk tv pc hr st nd rd th mr mrs dr
	pm lol mum rod rest here be er ers est ing ed ok as ha hes shes its lets whos thats vs`,
)
