package text

import (
	"strings"
	"testing"
)

func TestTheLanguageOfAnOrdinaryCommentIsGuessed(t *testing.T) {
	for _, c := range []struct{ want, text string }{
		{"en", "I have read the article twice and I still do not see what the council was thinking."},
		{"en", "Thanks for this! My brother would have been there with you."},
		{"de", "Ich habe den Artikel gelesen und finde, dass die Stadt hier nicht genug getan hat."},
		{"de", "Das ist doch nur eine Ausrede, wenn man nichts ändern will."},
		{"fr", "Je ne comprends pas pourquoi la mairie n'a rien fait pour les habitants du quartier."},
		{"fr", "Tu es un crétin, apprends à lire."},
		{"fr", "Tu me fais pitié avec tes histoires."},
		{"es", "No entiendo por qué el ayuntamiento no hizo nada para los vecinos del barrio."},
		{"pt", "Não entendo porque a câmara não fez nada para os moradores do bairro."},
		{"it", "Non capisco perché il comune non ha fatto niente per gli abitanti del quartiere."},
		{"nl", "Ik begrijp niet waarom de gemeente niets heeft gedaan voor de bewoners van deze wijk."},
		{"sv", "Jag förstår inte varför kommunen inte har gjort något för de som bor i området."},
		{"da", "Jeg forstår ikke, hvorfor kommunen ikke har gjort noget for dem, der bor af den vej, og hvad så?"},
		{"fi", "Minä en ymmärrä, miksi kaupunki ei ole tehnyt mitään, mutta se on myös meidän vika."},
		{"pl", "Nie rozumiem, dlaczego miasto nic nie zrobiło, ale to już jest bardzo stara sprawa."},
		{"cs", "Nechápu, proč město nic neudělalo, ale to už je velmi stará věc a nikdo to neřeší."},
		{"hu", "Nem értem, hogy miért nem tett semmit a város, de ez már egy nagyon régi ügy."},
		{"ro", "Nu înțeleg de ce primăria nu a făcut nimic pentru oamenii din cartier, dar este foarte trist."},
		{"tr", "Belediye neden bir şey yapmadı anlamıyorum ama bu çok eski bir konu ve değişmedi."},
		{"id", "Saya tidak mengerti mengapa kota ini tidak melakukan apa pun untuk mereka yang ada di sini."},
		{"vi", "Tôi không hiểu vì sao thành phố không làm gì cho những người ở đây, nhưng cũng đã lâu."},
		{"ru", "Я не понимаю, почему город ничего не сделал для жителей, но это уже очень старая история."},
		{"uk", "Я не розумію, чому місто нічого не зробило для мешканців, але це вже дуже стара історія."},
		{"bg", "Аз не разбирам защо общината не направи нищо за хората, но това вече е много стара история."},
		{"sr", "Ја не разумем зашто град није ништа урадио за људе, али то је већ врло стара прича."},
		{"ja", "この記事を読みましたが、市は何もしていません。"},
		{"ko", "시청이 왜 아무것도 하지 않았는지 모르겠습니다."},
		{"zh", "我不明白为什么市政府什么都没有做。"},
		{"ar", "لا أفهم لماذا لم تفعل البلدية شيئا من أجل السكان."},
		{"fa", "نمی\u200cفهمم چرا شهرداری برای مردم کاری نکرده است."},
		{"ur", "مجھے سمجھ نہیں آتا کہ شہر نے لوگوں کے لیے کچھ کیوں نہیں کیا۔"},
		{"he", "אני לא מבין למה העירייה לא עשתה כלום למען התושבים."},
		{"el", "Δεν καταλαβαίνω γιατί ο δήμος δεν έκανε τίποτα για τους κατοίκους."},
		{"th", "ฉันไม่เข้าใจว่าทำไมเมืองถึงไม่ทำอะไรเลย"},
		{"hi", "मुझे समझ नहीं आता कि शहर ने कुछ क्यों नहीं किया।"},
	} {
		if got := Read(c.text).Language(); got != c.want {
			t.Errorf("%q is guessed %q, want %q", c.text, got, c.want)
		}
	}
}

func TestWhereTheLanguageDoesNotShowNoneIsGuessed(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":                  "",
		"one word":                 "Super",
		"a greeting":               "Hello world",
		"a name and an address":    "Anna Schmidt https://example.org/",
		"laughter":                 "hahaha lol xD",
		"digits":                   "1 2 3 4 5 6",
		"two scripts in halves":    "Привет всем hello everybody",
		"noise":                    strings.Repeat("qwx zzv ", 50),
		"pieces of censored words": "Hijo de p*ta.",
	} {
		if got := Read(text).Language(); got != "" {
			t.Errorf("%s is guessed %q", name, got)
		}
	}
}
