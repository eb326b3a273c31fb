package moderation

import (
	_ "embed"
	"slices"
	"strings"

	"rejoinder/moderation/text"
)

//go:embed staffnames.txt
var staffNames string

var staffSkeletons = func() map[string]bool {
	set := map[string]bool{}
	for line := range strings.Lines(staffNames) {
		line, _, _ = strings.Cut(line, "#")
		for _, word := range strings.Fields(line) {
			set[text.NameSkeletons(word)[0]] = true
		}
	}
	return set
}()

// NameSkeletons returns the skeletons that look-alike names share; see text.NameSkeletons.
func NameSkeletons(name string) []string { return text.NameSkeletons(name) }

// namesStaff reports whether a name is, or looks like, the site's own name or a word for those who run it.
func namesStaff(site Site, name string) bool {
	own := append(text.NameSkeletons(site.Name), text.NameSkeletons(site.Slug)...)
	return slices.ContainsFunc(text.NameSkeletons(name), func(skeleton string) bool {
		return staffSkeletons[skeleton] || skeleton != "" && slices.Contains(own, skeleton)
	})
}
