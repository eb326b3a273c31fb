package text

// lookalikes lists, for each ASCII letter, the characters that look like it but that NFKC does not map to it:
// letters of other alphabets, phonetic and small capital letters, turned letters, and symbols. It includes
// every character that UTS #39 (version 14) maps to one ASCII letter. Characters that decompose (accented,
// styled, full-width and circled letters) need no entry. Letters are compared after case folding, so an entry
// also covers its capital, unless the capital has its own entry: a capital mu looks like another letter than
// a small one.
var lookalikes = map[byte]string{
	'a': "คДдﾑ₳ᗩ卂αаɑᴀɐⱥꭺᎪᗅ⍺∂∀Λʌᴧꓮ𐊠ꭿΔ𖽀ムㅅㄙล",
	'b': "๒ცႦɮ乃вьЬƅɓʙᏼᏴᗷꓐ𐊂ƃ฿βⲃᑲѢъƀ𐌁ხ␢ᏏᖯꞴ𐊡სษ",
	'c': "ςㄈᄃ₵сϲᴄɔⲥꮯᏟⅽ⊂©¢ꓚƈȼҁ𐐽𐊢ↄ匚₡ⵎᑕᑢ𑣲𑣩Ϲ𐌂𐔜🝌ㄷ匸",
	'd': "๔ᕲძↁԁժɗđꭰᎠᗞᗪꓓðᴅƌⅾⅆᑯʠ₫ꓒđȡᏧ",
	'e': "ᗴɘҿΞ∑ꏂеҽєεɛǝᴇ℮ꭼᎬꓰ∃ɇ⋿ⴹⲉ€ә∈ξ乇эꬲ𑢦𑢮𐊆ㅌ巨",
	'f': "下千ẝſϝғƒꓝᖴϜꞙ𐊇ʄᵮք₣ꬵɟꜰ𐊥ᶂ𑣂𑢢𐔥𝈓",
	'g': "ᘜﻮɡցɢԍᏀꮐᏳɠǥᶃꓖ₲ǵƍցᎶუဌ",
	'h': "んɧⱨһհнʜɥꮋᎻᕼꓧⲏħη𐋏ከዘђћᏂԋ卄∏ჩ廾ㅐ",
	'i': "❗❕اﺍ工丨іιıɩɪ¡ӏꙇꭵᎥⲓꓲǀ∣ѳ׀וןߊⵏ𖼨ɨ𐊊ӀƗ↓ᶖ⏐𑣃⍳유ㅣ",
	'j': "ﾌلјϳʝᴊɉꭻᎫꓙյʲɟɾᒍڶⱼ",
	'k': "ĸꓘᛕϗҜкκᴋⲕꮶᏦꓗқƙʞԟҟҡӄ₭ꝁ𐌊к𐔘ㅏ",
	'l': "ﾚ乚└ⱠㄥʟℓɭꮮᏞᒪꓡⅼⳑ𐐛ⱡłƚ£ʅᛚլ˥Ꮮ١۱𐌠𞣇𞸀𞺀ﺎߊᛁꓲ𐊊𐌉𖼖𑢣𑢲𐔦⏽￨𝈪ㄴ",
	'm': "๓ⱮጠмᴍɯꮇᎷꓟⲙϻɱᗰ𐊰ⅿ₥爪ӎ𐌑ლΜ𝚳𝛭𝜧𝝡𝞛ᛖრ从",
	'n': "ղɳᑎ∩חոռпиɴⲛꓠηƞɲŋᴨπлИ𐔓ℕท几ภՈռ₦йᏁΝ𝚴𝛮𝜨𝝢𝞜იო刀ㄇกถ",
	'o': "⨀ㅇ⚬⭘〇ㄖоοօσ๏σᴏøဝ๐໐०০੦૦ଠ௦౦೦൦٥ہەס०ዐⵔⲟꓳ◯○●◎☺⊕⊙∅Ө𐊒ɵФΘϴ°ⴰⵙჿ⭕ღ⚪⚫ంಂംං၀۵ᴑꬽ𞸤𞹤𞺄ﻫﻬﻪﻩھﮬﮭﮫﮪഠ𐓪𑣈𑣗𐐬߀୦𑓐𑣠𐓂𑢵𐊫𐐄𐔖თტㅁ",
	'p': "ק₽рρⲣᴘꮲᏢᑭꓑƿ₱þᵽƥϷ𐊕卩թ¶ꝑ⍴ㄗ",
	'q': "ᑫϙɊԛգզɋʠԚⵕႳφҩ",
	'r': "ՐʁгʀяᴦɹꭱᎡᏒꮁꓣꭇꭈɍ尺Ի®ɼɽя𐒴ᖇⲅ𖼵𝈖",
	's': "ร₴ѕꜱʂƽꮪᏚᏕꓢ§ѕ𐊖ՏᔑƧ丂ₛ𐐠ʃϨ∫ֆ𑣁𐑈𖼺己弓ဟ",
	't': "Շ✝⸸ፕㄒтτᴛꭲᎢꓔⲧʇ†⊤ŧƭ⟙ƫ𐊗ⱦ₮ナ丅𐌕ե†𖼊𑢼𐊱🝨丁ㅜ",
	'u': "บሁህㄩυսᴜʋꞟꭎꭒᑌꓴ∪⋃цɥนվմմʊՍ⊔ひ凵ụ𐓎ц𐓶𑣘ሀ𖽂𑢸ㅂ",
	'v': "۷ѵνᴠⱱꮩᏙᐯꓦⅴ∨⋁√ѵט∇Ⅴνѷ𐊍𑜆𑣀٧ⴸꛟ𖼈𑢠𐔝𝈍",
	'w': "ѽԝωшщѡա𑜊ᴡꮃᏔꓪɯʍ₩山ฬᗯᏇผพώшⲱ𑜎𑜏𑣯𑣦Ꮃ",
	'x': "ӽჯхχ×⤫⤬⨯ⅹᕁ᙭ꓫⲭ╳✕✖❌❎ⵝҳ𐊐ⅩӾжχ乂ᕽ𐌢𑣬Ꭓᚷ𐊴𐌗𐔧᙮",
	'y': "ӯұуүүγɣʏყҮꭹᎩᎽꓬⲩɏɎƴʎ¥чӋㄚУצץყ𐊲ФΨψλᶌỿꭚ𑣜Υϒ𝚼𝛶𝜰𝝪𝞤𖽃𑢤丫",
	'z': "ջᴢꮓᏃꓜʐʑƶȥⲍɀ𐋵ʒզჳ乙Ꮓ𑣄𑣥Ζ𝚭𝛧𝜡𝝛𝞕𑢩",
}

// letterSeries are runs of pictured letters in the order of the alphabet.
var letterSeries = []struct {
	first rune
	count int
}{
	{0x1F110, 26}, {0x1F130, 26}, {0x1F150, 26}, {0x1F170, 26}, {0x1F1E6, 26}, // in brackets, squares, circles; flags
}

// readings is which letters a character may stand for: bit 0 for a, bit 1 for b, and so on.
type readings uint32

// realK marks what is not a c alone.
const realK readings = 1 << 26

func letters(s string) readings {
	var r readings
	for i := range len(s) {
		r |= 1 << (s[i] - 'a')
	}
	return r
}

// digits and signs that stand for letters, and letters that stand for others that sound alike.
var substitutes = map[byte]readings{
	'0': letters("o"),
	'1': letters("il"),
	'2': letters("z"),
	'3': letters("e"),
	'4': letters("a"),
	'5': letters("s"),
	'6': letters("gb"),
	'7': letters("t"),
	'8': letters("b"),
	'9': letters("g"),
	'@': letters("a"),
	'$': letters("s"),
	'!': letters("i"),
	'|': letters("il"),
	'+': letters("t"),
	'(': letters("ck"),
	'<': letters("ck"),
	'c': letters("ck"),
	'k': letters("ck") | realK,
	'q': letters("ckq") | realK,
	'v': letters("uv"),
	'y': letters("iy"),
	'z': letters("sz"),
}

// shapes says what every character looks like, by its code point.
var shapes = func() map[rune]byte {
	m := map[rune]byte{}
	for letter, others := range lookalikes {
		for _, r := range others {
			if _, taken := m[r]; !taken || letter < m[r] {
				m[r] = letter
			}
		}
	}
	for _, series := range letterSeries {
		for i := range series.count {
			m[series.first+rune(i)] = 'a' + byte(i)
		}
	}
	return m
}()

// classOfReadings names the group of letters that disguises mix up; one byte of a skeleton.
func classOfReadings(r readings) byte {
	switch {
	case r&letters("bg") != 0:
		return 'b'
	case r&letters("ckq") != 0:
		return 'c'
	case r&letters("ily") != 0:
		return 'i'
	case r&letters("uv") != 0:
		return 'u'
	case r&letters("sz") != 0:
		return 's'
	}
	for i := range byte(26) {
		if r&(1<<i) != 0 {
			return 'a' + i
		}
	}
	return 0
}
