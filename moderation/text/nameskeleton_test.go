package text

import (
	"slices"
	"testing"
)

// looksLike reports whether looking up one name would find another one's stored skeleton.
func looksLike(name, stored string) bool {
	return slices.Contains(NameSkeletons(name), NameSkeletons(stored)[0])
}

func TestNamesThatLookAlikeShareASkeleton(t *testing.T) {
	for _, same := range [][]string{
		{"Anna Lee", "anna lee", "ANNA  LEE", "Anna-Lee", "AnnaLee", "Änná Lée", "Аnnа Lее", "Anna\u200b Lee", "Anna Iee", "Anna 1ee", "𝐀𝐧𝐧𝐚 𝐋𝐞𝐞",
			"Ａｎｎａ Ｌｅｅ", "Anna_Lee", "A.n.n.a Lee", "ᎪΝΝΑ ᏞᎬᎬ"},
		{"Bob Smith", "В0b Sмith", "Bob Srnith", "bob smιth", "вов ѕмıтн"},
		{"Hans", "Ηans", "HANS", "һans", "hаns"},
		{"Νίκος", "νίκος", "ΝΙΚΟΣ"},
		{"Владимир", "ВЛАДИМИР", "владимир", "Влaдимир"},
		{"Will", "wi11", "VVill", "WiII"},
		{"🦊", "🦊 "},
	} {
		for _, one := range same {
			for _, other := range same {
				if !looksLike(one, other) {
					t.Errorf("%q %q is not found by what is stored of %q %q", one, NameSkeletons(one), other, NameSkeletons(other))
				}
			}
		}
	}
}

func TestNamesThatCanBeToldApartDoNot(t *testing.T) {
	for _, pair := range [][2]string{{"Anna Lee", "Anna Leo"}, {"Нина", "Лина"}, {"Иван", "Илья"}, {"Ann", "Anna"}, {"Γιάννης", "Νίκος"},
		{"王伟", "王芳"}, {"נועה", "יעל"}, {"🦊", "🐻"}, {"Tom", "Tim"}, {"محمد", "أحمد"}} {
		if looksLike(pair[0], pair[1]) || looksLike(pair[1], pair[0]) {
			t.Errorf("%q and %q are taken for one: %q", pair[0], pair[1], NameSkeletons(pair[0]))
		}
	}
}

func FuzzNameSkeletonsAreStable(f *testing.F) {
	for _, name := range []string{"Anna Lee", "Ηans", "🦊", "вов", "", " ", "\u200b", "ﬃ"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		skeletons := NameSkeletons(name)
		if len(skeletons) == 0 || !slices.Equal(skeletons, NameSkeletons(name)) {
			t.Errorf("%q has the skeletons %q", name, skeletons)
		}
		if clean, err := CleanLine(name); err == nil && Visible(clean) && slices.Contains(skeletons, "") {
			t.Errorf("%q, which can be seen, has an empty skeleton", name)
		}
	})
}
