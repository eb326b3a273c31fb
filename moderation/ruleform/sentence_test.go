package ruleform_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"rejoinder/moderation/ruleform"
	"rejoinder/moderation/rules"
)

func TestEveryFactHasWords(t *testing.T) {
	for _, doc := range rules.Registry() {
		path := strings.ReplaceAll(doc.Path, "NAME", "toxicity")
		subjects := append(ruleform.Subjects(), ruleform.FamilySubjects(path)...)
		i := slices.IndexFunc(subjects, func(s ruleform.Subject) bool { return s.Path == path })
		if i < 0 {
			t.Errorf("the fact %s has no words; add it to vocabulary.go", doc.Path)
			continue
		}
		if subjects[i].Label == "" || subjects[i].Group == "" || subjects[i].What == "" {
			t.Errorf("the words of %s are incomplete: %+v", doc.Path, subjects[i])
		}
	}
}

func TestRulesArePhrasedAsSentences(t *testing.T) {
	for source, want := range map[string]string{
		`author.approved < 1`: "Hold if the commenter has fewer than 1 approved comment",
		`listed("insults") && !quoted("insults") && (addressed("insults") || text.hostile_score > 0.3)`: "Hold if it has a term from " +
			"“insults” that is not only quoted, and either a term from “insults” is aimed at somebody or its hostility score is more than 0.3",
		`(links.count > 0 || links.disguised > 0) && author.approved < 5`: "Hold if either it has a link or a disguised web address, " +
			"and the commenter has fewer than 5 approved comments",
		`form.age_known && form.age_seconds < 3`:             "Hold if it was sent less than 3 seconds after the form appeared",
		`author.hours_since_negative < 24 * 30`:              "Hold if the commenter’s last refusal was less than 30 days ago",
		`listed_share("swear-words") > 0.45`:                 "Hold if more than 45% of the text is from “swear words”",
		`similarity.same_parent > 0 && !edit.is`:             "Hold if the commenter posted the same text here at least once in the last 24 hours and it is not an edit",
		`edit.status == "rejected" || edit.status == "spam"`: "Hold if the comment’s status before the edit is rejected or is spam",
		`!(edit.is || reply.is)`:                             "Hold if none of these is true: it is an edit or it is a reply",
		`external.tox.available && external.tox.score > 0.9`: "Hold if its score by the classifier tox is more than 0.9",
		`true`: "Hold every comment",
		`text.words > 1500 && links.hosts.exists(h, h.contains("x"))`: "Hold if the text has more than 1,500 words and the hosts of its links include one that contains “x”",
	} {
		sentence, ok := ruleform.Sentence(rules.Hold, 0, ruleform.Parse(source))
		if got := ruleform.Plain(sentence); !ok || got != want {
			t.Errorf("%s\ngot  %s\nwant %s", source, got, want)
		}
	}
	if _, ok := ruleform.Sentence(rules.Hold, 0, ruleform.Parse("edit.is && author.rejected > author.approved")); ok {
		t.Error("a comparison of two facts has no words")
	}
}

func TestEachShippedRuleAndExampleHasASentence(t *testing.T) {
	set, err := rules.Parse(t.Context(), rules.Default())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range set.Rules() {
		if sentence, ok := ruleform.Sentence(r.Action, r.Score, ruleform.Parse(r.When)); !ok {
			t.Errorf("%s: %s", r.ID, ruleform.Plain(sentence))
		}
	}
	for _, doc := range rules.Registry() {
		_, ok := ruleform.Sentence(rules.Hold, 0, ruleform.Parse(doc.Example))
		if why, whole := ruleform.Parse(doc.Example).WholeText(); ok == whole {
			t.Errorf("%s: %s", doc.Example, why)
		}
	}
}

// pseudoLanguage is a language with the English texts in capitals.
type pseudoLanguage struct{}

func (pseudoLanguage) T(english string, values ...any) string {
	return fmt.Sprintf(strings.NewReplacer("%S", "%s", "%D", "%d").Replace(strings.ToUpper(english)), values...)
}

func (p pseudoLanguage) N(one, many string, n int, values ...any) string {
	if n == 1 {
		many = one
	}
	return p.T(many, append([]any{n}, values...)...)
}

func (pseudoLanguage) Number(n int) string { return strconv.Itoa(n) }

func (pseudoLanguage) Decimal(n float64, digits int) string {
	return strings.Replace(strconv.FormatFloat(n, 'f', digits, 64), ".", ",", 1)
}
func (p pseudoLanguage) Percent(share float64, digits int) string {
	return p.Decimal(100*share, digits) + "%"
}

func TestOtherLanguagesSayRulesInParts(t *testing.T) {
	for source, want := range map[string]string{
		`author.approved < 1`: "HOLD IF: APPROVED COMMENTS OF THE COMMENTER: IS LESS THAN 1",
		`listed("insults") && !quoted("insults") && (addressed("insults") || text.hostile_score > 0.3)`: "HOLD IF: " +
			"IT HAS A TERM FROM “insults”, NOT ONLY QUOTED AND (A TERM FROM “insults” IS AIMED AT SOMEBODY OR " +
			"HOSTILITY SCORE (0 TO 1): IS MORE THAN 0,3)",
		`links.count > 0`:                                    "HOLD IF: NUMBER OF LINKS: IS AT LEAST 1",
		`listed("insults", "body")`:                          "HOLD IF: IT HAS A TERM FROM “insults” (IN THE TEXT)",
		`form.age_known && form.age_seconds < 2.5`:           "HOLD IF: TIME SPENT ON THE FORM: IS LESS THAN 2,5 SECONDS",
		`author.hours_since_negative < 24 * 30`:              "HOLD IF: TIME SINCE THE LAST REFUSAL: IS LESS THAN 30 DAYS",
		`listed_share("swear-words") > 0.45`:                 "HOLD IF: SHARE OF THE TEXT FROM “swear words”: IS MORE THAN 45%",
		`edit.status == "rejected" || edit.status == "spam"`: "HOLD IF: STATUS BEFORE THE EDIT: REJECTED OR STATUS BEFORE THE EDIT: SPAM",
		`!(edit.is || reply.is)`:                             "HOLD IF: NONE OF THESE IS TRUE: IT IS AN EDIT OR IT IS A REPLY",
		`external.tox.available && external.tox.score > 0.9`: "HOLD IF: tox: SCORE (0 TO 1): IS MORE THAN 0,9",
		`true`:                               "HOLD: EVERY COMMENT",
		`text.shown.contains("x")`:           "HOLD IF: TEXT AS READERS SEE IT: CONTAINS “x”",
		`article.mode == "hold_all"`:         "HOLD IF: MODE OF THE ARTICLE: “ALL WAIT”",
		`text.words >= 3 && text.words <= 5`: "HOLD IF: NUMBER OF WORDS: BETWEEN 3 AND 5",
	} {
		sentence, ok := ruleform.SentenceIn(pseudoLanguage{}, rules.Hold, 0, ruleform.Parse(source))
		if got := ruleform.Plain(sentence); !ok || got != want {
			t.Errorf("%s\ngot  %s\nwant %s", source, got, want)
		}
	}
	if _, ok := ruleform.SentenceIn(pseudoLanguage{}, rules.Hold, 0, ruleform.Parse("edit.is && author.rejected > author.approved")); ok {
		t.Error("a comparison of two facts has no words")
	}
}
