package moderation

import (
	"slices"
	"strings"

	"rejoinder/moderation/text"
)

// staffWords are names that readers take for the site's own, in the languages of the widget.
var staffWords = strings.Fields("admin administrator administrador administrateur amministratore admins moderator moderators " +
	"moderador modérateur moderatore moderation modération moderación moderazione moderacja mod mods editor editors redaktion " +
	"rédaction redacción redazione redakcja webmaster staff team support official администратор модератор " +
	"адміністратор модерація редакція مشرف الإدارة المشرف 管理人 管理者 編集部 運営")

var staffSkeletons = func() map[string]bool {
	set := map[string]bool{}
	for _, word := range staffWords {
		set[text.NameSkeletons(word)[0]] = true
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
