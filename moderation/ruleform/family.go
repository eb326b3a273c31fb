package ruleform

import (
	"slices"
	"strings"

	"rejoinder/moderation/rules"
)

// memberVariable stands for the name of a member in the paths of a family's facts.
const memberVariable = "NAME"

// familyWords are the subjects that each outside classifier has, with memberVariable for its name.
var familyWords = complete([]Subject{
	is("external.NAME.available", "NAME: has answered", "the classifier NAME has answered", "the classifier NAME has not answered"),
	amounts("external.NAME.score", "NAME: score (0 to 1)", "its score by the classifier NAME is"),
	word("external.NAME.label", "NAME: label", "its label by the classifier NAME"),
})

// memberSubject returns the subject of a member of a family; nil if path does not name one.
func memberSubject(path string) *Subject {
	family, rest, _ := strings.Cut(path, ".")
	member, name, named := strings.Cut(rest, ".")
	if !named || !rules.ValidExternalName(member) {
		return nil
	}
	for i, s := range familyWords {
		if s.Path != family+"."+memberVariable+"."+name {
			continue
		}
		s.family, s.member = &familyWords[i], member
		for _, text := range []*string{&s.Path, &s.Label, &s.What, &s.unless, &s.subject, &s.yes, &s.no} {
			*text = strings.ReplaceAll(*text, memberVariable, member)
		}
		return &s
	}
	return nil
}

// ExternalSubjects returns the subjects of an outside classifier.
func ExternalSubjects(name string) []Subject { return FamilySubjects("external." + name + ".") }

// ExternalOf returns the outside classifier of a path; ok is false unless it is one of those.
func ExternalOf(path string, names []string) (name string, ok bool) {
	rest, isExternal := strings.CutPrefix(path, "external.")
	name, _, _ = strings.Cut(rest, ".")
	return name, isExternal && slices.Contains(names, name)
}

// FamilySubjects returns the subjects of one member of the family to which a path belongs; none for other
// paths.
func FamilySubjects(path string) []Subject {
	family, rest, _ := strings.Cut(path, ".")
	member, _, named := strings.Cut(rest, ".")
	var subjects []Subject
	for _, s := range familyWords {
		name := strings.TrimPrefix(s.Path, family+"."+memberVariable+".")
		if of := memberSubject(family + "." + member + "." + name); named && of != nil {
			subjects = append(subjects, *of)
		}
	}
	return subjects
}
