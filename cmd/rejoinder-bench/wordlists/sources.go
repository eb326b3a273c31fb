package wordlists

import "path/filepath"

// Where the packages of docs/dictionary.md keep their files.
const (
	hunspellDir  = "usr/share/hunspell"
	plainDir     = "usr/share/dict"
	tesseractDir = "usr/share/tesseract-ocr/*/tessdata"
	placesGlob   = "usr/share/locale/*/LC_MESSAGES/geonames.mo"
	peopleFile   = "people.txt"
)

// language says from which lists the words of a language come.
type language struct {
	code string
	// web is the Tesseract list of frequent words of Web pages.
	web string
	// hunspell and plain are lists made by hand.
	hunspell, plain []string
	// keep says which words of the lists made by hand are kept.
	keep keep
	// trustWeb keeps the words of web that no other list confirms.
	trustWeb bool
}

type keep int

const (
	everyForm     keep = iota // all words
	attestedForms             // stems, and the forms that web has
	attestedWords             // the words that web has
)

// sources is the table of all lists. Lists under the GPL or LGPL alone are not used. Languages whose words
// have many forms keep only the forms that web has, which bounds the size of the result.
var sources = []language{
	{code: "ar", web: "ara", trustWeb: true},
	{code: "de", web: "deu", trustWeb: true},
	{code: "en", web: "eng", plain: []string{"american-english-large", "british-english-large"}},
	{code: "es", web: "spa", hunspell: []string{"es_ES"}, keep: attestedForms},
	{code: "fr", web: "fra", hunspell: []string{"fr"}, keep: attestedForms},
	{code: "it", web: "ita", trustWeb: true},
	{code: "nl", web: "nld", plain: []string{"dutch"}, keep: attestedWords},
	{code: "pl", web: "pol", plain: []string{"polish"}, keep: attestedWords},
	{code: "pt", web: "por", hunspell: []string{"pt_BR", "pt_PT"}, keep: attestedWords},
	{code: "ru", web: "rus", hunspell: []string{"ru_RU"}, keep: attestedWords},
	{code: "sv", web: "swe", trustWeb: true},
	{code: "tr", web: "tur", hunspell: []string{"tr_TR"}, keep: attestedWords},
	{code: "uk", web: "ukr", hunspell: []string{"uk_UA"}, keep: attestedWords},
}

func webPath(dir, name string) (string, error) {
	return single(filepath.Join(dir, tesseractDir, name+".traineddata"))
}
