package text

// littleWords are, for each language, words that a sentence can hardly do without, in their normal form, and
// letters that none of the other languages here uses much.
var littleWords = [...]struct{ tag, words, letters string }{
	{
		"en",
		"the and of to a in is that it was for on with as are this be i you he they we not but have has had what which who " +
			"there their his her my your our so if no from by at or an would can will just about do does did don didn t s been were",
		"",
	},
	{
		"de",
		"der die das und ist nicht ein eine einen einem einer ich du er sie es wir ihr zu mit auf für von den dem des im in " +
			"auch noch nur schon aber oder wenn wie was dass hat haben sind war werden wird kann mich mir man so an bei aus nach",
		"ß",
	},
	{
		"fr",
		"le la les des un une et est pas que qui ne je tu il elle nous vous ils ce cette ces dans pour sur avec au aux du de " +
			"mais ou où plus sont être avoir a ont été son sa ses mon ma mes on tout très comme si l d c qu n j y en",
		"œ",
	},
	{
		"es",
		"el la los las un una y es no que de en por para con se lo al del pero más muy como yo tú él ella ellos su sus mi me te " +
			"le nos este esta esto ese eso está están hay ser son fue ha han porque cuando también ya si todo",
		"ñ¿¡",
	},
	{
		"pt",
		"o a os as um uma e é não que de em por para com se no na nos nas do da dos das mas mais muito como eu tu ele ela eles " +
			"seu sua meu minha este esta isto isso está estão há ser são foi tem têm porque quando também já ao você",
		"ãõ",
	},
	{
		"it",
		"il lo la i gli le un una e è non che di in per con si ma più molto come io tu lui lei noi loro suo sua mio mia questo " +
			"questa quello del della dei delle al alla nel nella sono era ha hanno essere perché quando anche già se da",
		"ò",
	},
	{
		"nl",
		"de het een en is niet dat van in op te voor met zijn ik jij je hij zij we wij ze er maar ook nog wel als dan of om aan " +
			"bij uit naar door over heeft hebben wordt worden kan deze dit die was waren geen mijn zo wat hoe veel",
		"",
	},
	{
		"sv",
		"och att det är inte en ett i på som av för med den jag du han hon vi de dem har hade var men om så till från kan ska " +
			"skulle också bara när vad hur mycket alla min sin sitt eller än då nu finns blir",
		"",
	},
	{
		"da",
		"og at det er ikke en et i på som af for med den jeg du han hun vi de dem har havde var men om så til fra kan skal " +
			"skulle også kun når hvad hvordan meget alle min sin sit eller end da nu bliver",
		"",
	},
	{
		"nb",
		"og at det er ikke en et ei i på som av for med den jeg du han hun vi de dem har hadde var men om så til fra kan skal " +
			"skulle også bare når hva hvordan mye alle min sin sitt eller enn da nå blir noe noen",
		"",
	},
	{
		"fi",
		"ja on ei että se hän minä sinä me te he oli ole olla kun jos niin kuin mutta myös vain tai tämä tuo ne jo nyt mikä " +
			"mitä miten kaikki sitä hänen joka jotka ovat olen en ettei vielä sen",
		"",
	},
	{
		"pl",
		"i w na z że się nie to jest do jak ale o po co tak za od czy był była było są ma mam już tylko przez dla jego jej ich " +
			"ten ta te tego tym który która które może bardzo gdy jeszcze być nas was",
		"łąęśźż",
	},
	{
		"cs",
		"a v na se že je to s z do i jak ale o po co tak za od byl byla bylo jsou má mám už jen pro jeho její jejich ten ta ty " +
			"toho tím který která které může velmi když ještě být nás vás není jsem jsi nebo",
		"řěů",
	},
	{
		"hu",
		"a az és hogy nem is egy ez van volt csak de ha már mint meg még el fel ki be vagy én te ő mi ti ők nagyon mert lesz " +
			"minden akkor most ezt azt ami aki sem kell lehet vagyok",
		"őű",
	},
	{
		"ro",
		"și în la de pe cu nu că o un este sunt a au ai am fi din pentru mai dar sau ca se ce care cum când foarte acest această " +
			"eu tu el ea noi voi ei lui lor prin până doar fost",
		"șță",
	},
	{
		"tr",
		"ve bir bu da de için ile çok ne o ben sen biz siz onlar değil var yok gibi daha ama mi mı kadar sonra olan olarak her " +
			"şey diye ise ki en hiç nasıl neden şimdi",
		"ığş",
	},
	{
		"id",
		"yang dan di ke dari ini itu tidak dengan untuk ada saya kamu dia kami kita mereka akan sudah bisa juga pada adalah atau " +
			"karena seperti lebih saja hanya kalau apa tapi belum lagi oleh",
		"",
	},
	{
		"vi",
		"và là của có không cho một những các này đó với được người tôi bạn anh em chúng rất thì mà để ở trong khi cũng như " +
			"nhưng đã sẽ đang nếu vì nhiều",
		"đơư",
	},
	{
		"ru",
		"и в не на я что он с как это по но они мы ты вы она к у за из от так же все для о бы если было был была есть только " +
			"мне меня его ее их уже или да нет ещё еще когда очень чтобы",
		"ыэ",
	},
	{
		"uk",
		"і в не на я що він з як це по але вони ми ти ви вона до у за із від так же все для про б якщо було був була є тільки " +
			"мені мене його її їх вже або та ні ще коли дуже щоб й",
		"їєґ",
	},
	{
		"bg",
		"и в не на аз че той с как това по но те ние ти вие тя към у за от така същото всички да ако беше е са само ми ме го " +
			"я ги вече или не още когато много ще се си",
		"",
	},
	{
		"sr",
		"и у не на ја да он са како то по али они ми ти ви она к за из од тако све о би ако је су само ме га их већ или још кад " +
			"када врло што се си није",
		"јћђљњџ",
	},
}
